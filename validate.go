package contact

import (
	"math"
	"strings"
	"time"
	"unsafe"

	"github.com/partner-contacts/contact/internal/scan"
	"github.com/partner-contacts/contact/internal/tzdb"
)

// Options are the ways in which a service may depart from the contract. The zero value is the contract itself, and the
// functions of the package use it. An Options may be used by several goroutines at once.
type Options struct {
	// Complete holds a patch to the reference page to the letter: the body must itself be a valid contact, with all
	// 16 required fields and without nulls. It cannot clear a field then, and always carries the version.
	Complete bool

	// IgnoreUnknown skips members that contacts do not have. Repeated names are errors all the same.
	IgnoreUnknown bool

	// AllowStale makes Merge take a patch whose updated_at is not the stored one.
	AllowStale bool

	// AnyIdempotencyKey makes ParseUpdate take any idempotency key of 1 to 128 visible ASCII characters.
	AnyIdempotencyKey bool

	// Limits: 0 is the default, a negative number no limit but those named.
	MaxBytes  int // of a body: 1 MiB, of a stored contact none; never more than 2 GiB
	MaxDepth  int // of brackets within brackets, the body's own counted: 64; never more than 1,000
	MaxErrors int // reported before one of rule truncated: 100
	MaxMeta   int // bytes of a merged meta_public, refused only if it also grew: 256 KiB

	// CheckMeta judges a meta_public that is about to be stored: the merged one in Merge, if it changed, and that of a
	// whole contact in Parse and Check. Pointers in its errors begin at the object; an empty Code, Rule or Detail is
	// filled in. It must not keep or change anything, and be safe for concurrent use.
	CheckMeta func(Object) Errors
}

// The default limits, each that of the field of Options of the same name.
const (
	// DefaultMaxBytes is the number of bytes of a body.
	DefaultMaxBytes = 1 << 20
	// DefaultMaxDepth is the number of brackets that may be open at a time.
	DefaultMaxDepth = 64
	// DefaultMaxErrors is the number of errors before one of rule truncated.
	DefaultMaxErrors = 100
	// DefaultMaxMeta is the number of bytes of a merged meta_public.
	DefaultMaxMeta = 256 << 10
)

const maxNesting = 1000

func limit(value, standard, most int) int {
	switch {
	case value == 0:
		return standard
	case value < 0 || value > most:
		return most
	}
	return value
}

func (r Options) maxBytes() int  { return limit(r.MaxBytes, DefaultMaxBytes, scan.MaxText) }
func (r Options) maxDepth() int  { return limit(r.MaxDepth, DefaultMaxDepth, maxNesting) }
func (r Options) maxErrors() int { return limit(r.MaxErrors, DefaultMaxErrors, math.MaxInt32-1) }
func (r Options) maxMeta() int   { return limit(r.MaxMeta, DefaultMaxMeta, math.MaxInt) }

// Parse reads a whole contact from outside: all 16 required fields, no nulls, no members that contacts do not have. The
// error is an Errors with every fault. It copies what it keeps of the body, which may be reused at once. A usual contact
// takes three allocations: itself, its strings, and their text.
func Parse(body []byte) (*Contact, error) { return Options{}.Parse(body) }

// ParseStored reads a contact from your own store: as Parse, but null on an optional field means that the contact does
// not have it, and timezones are not looked up, since a name that was valid when it was stored may no longer be. The
// error is a [StoreError]. A stored contact may be
// as large as it is, unless Options.MaxBytes says otherwise: many small patches can make one that no body could.
func ParseStored(body []byte) (*Contact, error) { return Options{}.ParseStored(body) }

// ParsePatch reads the body of an update, a JSON merge patch (RFC 7396) of a contact: any of the fields, null to clear
// an optional one. The error is an Errors with every fault that can be found without the stored contact. It allocates as
// Parse does.
func ParsePatch(body []byte) (*Patch, error) { return Options{}.ParsePatch(body) }

// Check returns the error that Parse would, and makes no contact. It allocates nothing if the body is valid and no
// object in it has more than 64 members, unless Options ask for more: a CheckMeta, or over 64 levels.
func Check(body []byte) error { return Options{}.Check(body) }

// CheckPatch returns the error that ParsePatch would, and makes no patch. It allocates nothing if the body is valid and
// no object in it has more than 64 members.
func CheckPatch(body []byte) error { return Options{}.CheckPatch(body) }

// CheckStored returns the error that ParseStored would, and makes no contact.
func CheckStored(document []byte) error { return Options{}.CheckStored(document) }

// CheckField judges the JSON value of one field as ParsePatch would judge it in a patch, with the same errors and
// pointers; only the offset of a syntax error counts from the start of the value. It is what a form needs while a person
// types.
func CheckField(f Field, value []byte) error { return Options{}.CheckField(f, value) }

// Parse is the function Parse by these options.
func (r Options) Parse(body []byte) (*Contact, error) { return r.parseContact(body, whole) }

// ParseStored is the function ParseStored by these options.
func (r Options) ParseStored(body []byte) (*Contact, error) {
	c, err := r.forStored().parseContact(body, stored)
	return c, storeError(err)
}

// forStored returns the options with the limit of bytes that stored documents have: none unless one is set.
func (r Options) forStored() Options {
	if r.MaxBytes == 0 {
		r.MaxBytes = -1
	}
	return r
}

func (r Options) parseContact(body []byte, m mode) (*Contact, error) {
	if len(body) > r.maxBytes() {
		return nil, Errors{newSizeError(r.maxBytes())}
	}
	var v struct {
		contact Contact
		values  values
	}
	var p parser
	p.init(&r, view(body), m)
	p.contact, p.values, p.wanted = &v.contact, &v.values, AllFields
	if err := p.document(); err != nil {
		return nil, err
	}
	return &v.contact, nil
}

// ParsePatch is the function ParsePatch by these options.
func (r Options) ParsePatch(body []byte) (*Patch, error) { return r.parsePatch(body, nil) }

// parsePatch also holds the body's id, if it has one, against the one it must be.
func (r *Options) parsePatch(body []byte, id *ID) (*Patch, error) {
	if len(body) > r.maxBytes() {
		return nil, Errors{newSizeError(r.maxBytes())}
	}
	var v struct {
		patch  Patch
		values values
	}
	var p parser
	p.init(r, view(body), r.patchMode())
	p.contact, p.values, p.wanted, p.id = &v.patch.contact, &v.values, AllFields, id
	if err := p.document(); err != nil {
		return nil, err
	}
	v.patch.fields, v.patch.cleared = p.seen, p.null
	return &v.patch, nil
}

// Check is the function Check by these options.
func (r Options) Check(body []byte) error { return r.check(body, whole) }

// CheckPatch is the function CheckPatch by these options.
func (r Options) CheckPatch(body []byte) error { return r.check(body, r.patchMode()) }

// CheckStored is the function CheckStored by these options.
func (r Options) CheckStored(document []byte) error {
	r = r.forStored()
	return storeError(r.check(document, stored))
}

func (r *Options) check(body []byte, m mode) error {
	if len(body) > r.maxBytes() {
		return Errors{newSizeError(r.maxBytes())}
	}
	var p parser
	p.init(r, view(body), m)
	return p.document()
}

// CheckField is the function CheckField by these options. A Field that does not exist is an error of rule unknown.
func (r Options) CheckField(f Field, value []byte) error {
	switch {
	case f >= fieldCount:
		return Errors{NewError(RuleUnknown, "")}
	case len(value) > r.maxBytes():
		return Errors{newSizeError(r.maxBytes())}
	}
	var p parser
	p.init(&r, view(value), r.patchMode())
	p.scan.Inside(f.pointer(), 1)
	p.scan.Start()
	p.value(f)
	p.scan.Finish()
	return p.result()
}

func (r *Options) patchMode() mode {
	if r.Complete {
		return complete
	}
	return patch
}

// view returns b as a string without a copy, for as long as b does not change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// A mode is what a body is read as.
type mode uint8

const (
	whole    mode = iota // a contact from outside
	stored               // a contact from the service's store
	patch                // a merge patch
	complete             // a merge patch that must be a whole contact
)

// values is room for two things that optional fields point to, in one block with the contact.
type values struct {
	date     Date
	lastSeen time.Time
}

// A parser reads one body in one pass: it judges each value where it meets it, and keeps it if it is wanted.
type parser struct {
	scan    scan.Scanner
	mode    mode
	wanted  FieldSet // what to keep in contact
	contact *Contact
	values  *values
	strings []string // room for the strings that optional fields point to
	bytes   []byte   // room for what texts are made of: the body is not kept
	borrow  bool     // leave texts where they stand in the body, which stays as it is until they are done with
	texts   *texts   // of what is not wanted, to be copied from the body; nil: not asked for

	id            *ID // nil: any
	ignoreUnknown bool
	judgeMeta     func(Object) Errors // nil: not here

	seen, null FieldSet

	errs   Errors                // of fields
	strays Errors                // of members that are none
	last   Field                 // the field of the last of errs
	mixed  bool                  // errs are not in the order of the fields
	most   int                   // errors worth keeping of one field: one more than are reported
	count  [fieldCount + 1]int32 // those of each field, and last of members that are none
}

const unknownMember = fieldCount

func (p *parser) init(r *Options, text string, m mode) {
	p.most = r.maxErrors() + 1
	p.scan.Init(text, r.maxDepth(), p.most)
	p.mode = m
	p.ignoreUnknown = r.IgnoreUnknown
	if m == whole {
		p.judgeMeta = r.CheckMeta
	}
}

// document reads the whole body.
func (p *parser) document() error {
	p.scan.Start()
	if p.scan.Peek() == '{' {
		p.members()
		if p.mode != patch {
			p.requireAll()
		}
	} else if p.scan.Skip(); p.room(unknownMember) {
		p.add(unknownMember, RuleType, "").Detail = typeDetails[KindObject]
		p.takeDuplicates(unknownMember)
	}
	p.scan.Finish()
	return p.result()
}

// members reads the body's object.
func (p *parser) members() {
	p.scan.Open()
	if f := p.usual(none); p.scan.More(f == none) {
		p.others(f)
	}
}

// others reads the rest of the members, from the name after f that usual has left.
func (p *parser) others(f Field) {
	var strays scan.Names
	for more := true; more; more = p.scan.More(false) {
		name, ok := p.scan.Name()
		if !ok {
			return
		}
		g, known := p.field(name)
		switch {
		case !known:
			p.stray(&strays, name)
			g = min(f, fieldCount) // not none: it is no longer the first
		case !p.seen.Has(g):
			p.seen |= 1 << g
			if p.texts != nil && !p.failed() {
				p.wanted |= 1 << g
			}
			p.value(g)
		default:
			p.addHere(g, RuleDuplicate)
			p.scan.Skip()
			p.takeDuplicates(g)
		}
		f = p.usual(g)
	}
}

// none stands for no field: the one before the first member.
const none = ^Field(0)

// usual reads members as most senders write them: fields, those that follow f in the table first, and values without
// escapes. It does in one loop what others and value do call by call, and leaves to them whatever it does not take in at a
// glance. It returns the last field that it has read, and stops before the comma of the next member.
func (p *parser) usual(f Field) Field {
	t, i := p.scan.Text(), p.scan.Pos()
	for {
		name := i
		if f != none {
			if name >= len(t) || t[name] != ',' {
				break
			}
			name++
		}
		for name < len(t) && scan.IsSpace(t[name]) {
			name++
		}
		if len(t)-name < scan.MaxKey+len(" false,}") {
			break // so that a key and the beginning of a value can be loaded
		}
		words, g := scan.WordsAt(t[name:]), f+1
		if g >= fieldCount || !keys[g].Begins(words) {
			g = after(g, words, t[name+1:])
		}
		if g == none || p.seen.Has(g) {
			break
		}
		f = g
		p.seen |= 1 << f
		k := &keys[f]
		if i = name + k.Len; t[i] == ' ' {
			i++
		}
		value, end := scan.Load64(t, i), 0
		switch {
		case byte(value) == '"' && k.kind <= lastText:
			quote := scan.PlainEnd(t, i+1)
			if quote == len(t) || t[quote] != '"' {
				break
			}
			end = quote + 1
			if s := (scan.String{Start: i + 1, End: quote}); k.kind != KindString {
				p.judge(f, s, p.scan.Raw(s))
			} else if p.wanted.Has(f) {
				*at[*string](p.contact, f) = p.keepString(s)
			}
		case k.kind != KindBoolean:
		case uint32(value) == 't'|'r'<<8|'u'<<16|'e'<<24:
			end = i + len("true")
			p.keepBoolean(f, true)
		case value<<24 == 'f'<<24|'a'<<32|'l'<<40|'s'<<48|'e'<<56:
			end = i + len("false")
			p.keepBoolean(f, false)
		}
		plain, spaces := end > 0, p.scan.Spaces
		if !plain {
			p.scan.InMember(name + 1)
			p.scan.Jump(i)
			if p.value(f); !p.scan.OK() {
				return f
			}
			end = p.scan.Pos()
		}
		if p.texts != nil && !p.wanted.Has(f) {
			p.found(f, i, end, plain, spaces != p.scan.Spaces)
		}
		i = end
	}
	p.scan.Jump(i)
	return f
}

// after returns the field whose key words begin with, or none; t is the text from the key's name on. It looks at the field
// after f first.
func after(f Field, words scan.Words, t string) Field {
	if f++; f < fieldCount && keys[f].Begins(words) {
		return f
	}
	const longest = len("completed_objective_keys")
	for i := range longest + 1 {
		if t[i] == '"' {
			if f, ok := FieldByName(t[:i]); ok && keys[f].Begins(words) {
				return f
			}
			break
		}
	}
	return none
}

// field returns the field that a member's name, which may hold escapes, stands for.
func (p *parser) field(name scan.String) (Field, bool) {
	raw := p.scan.Raw(name)
	if !name.Escaped {
		return FieldByName(raw)
	}
	const longest = len(`\u0000`) * len("completed_objective_keys")
	if len(raw) > longest {
		return 0, false
	}
	var room [longest]byte
	return FieldByName(view(scan.AppendUnquoted(room[:0], raw)))
}

// stray reads a member that contacts do not have; before are those that came before it.
func (p *parser) stray(before *scan.Names, name scan.String) {
	if p.scan.Repeated(before, name) {
		p.addHere(unknownMember, RuleDuplicate)
	} else if !p.ignoreUnknown {
		if e := p.addHere(unknownMember, RuleUnknown); e != nil {
			e.Meta.Suggestion = suggestField(p.scan.Unquoted(name))
		}
	}
	p.scan.Skip()
	p.takeDuplicates(unknownMember)
}

func (p *parser) requireAll() {
	for missing := RequiredFields &^ p.seen; missing != 0; missing &= missing - 1 {
		if f := missing.first(); p.room(f) {
			p.add(f, RuleRequired, f.pointer())
		}
	}
}

// value reads the value of f.
func (p *parser) value(f Field) {
	c := p.scan.Peek()
	if c == 'n' {
		if p.scan.Literal("null") {
			p.nothing(f)
		}
		return
	}
	switch fields[f].kind {
	case KindString:
		if c == '"' {
			if s := p.scan.String(); p.wanted.Has(f) && p.scan.OK() {
				*at[*string](p.contact, f) = p.keepString(s)
			}
			return
		}
	case KindBoolean:
		if c == 't' && p.scan.Literal("true") || c == 'f' && p.scan.Literal("false") {
			p.keepBoolean(f, c == 't')
			return
		}
	case KindObject:
		if c == '{' {
			p.object(f)
			return
		}
	case KindIDs, KindStrings:
		if c == '[' {
			p.array(f)
			return
		}
	default:
		if c == '"' {
			p.text(f)
			return
		}
	}
	p.scan.Skip()
	if p.room(f) {
		p.add(f, RuleType, f.pointer()).Detail = typeDetails[fields[f].kind]
	}
	p.takeDuplicates(f)
}

// nothing takes a null for f.
func (p *parser) nothing(f Field) {
	required := RequiredFields.Has(f)
	switch {
	case !required && p.mode == patch:
		p.null |= 1 << f
	case !required && p.mode == stored:
	case p.room(f):
		if e := p.add(f, RuleNull, f.pointer()); !required {
			e.Detail = detailOptional
		}
	}
}

// text reads the string for f, or for the current element of it.
func (p *parser) text(f Field) {
	s := p.scan.String()
	switch {
	case !p.scan.OK():
	case s.Escaped:
		p.escaped(f, s)
	default:
		p.judge(f, s, p.scan.Raw(s))
	}
}

// judge takes the string s, which stands for text, for f or for the current element of it.
func (p *parser) judge(f Field, s scan.String, text string) {
	rule := p.keep(f, s, text)
	switch {
	case rule == "":
	case fields[f].kind == KindIDs:
		p.addHere(f, rule)
	case p.room(f):
		if e := p.add(f, rule, f.pointer()); rule == RuleTimezone {
			e.Meta.Suggestion = tzdb.Suggest(text)
		}
	}
}

// escaped is judge for a string that holds escapes. The room for what it stands for is on the stack, and in a function of
// its own because few bodies need it.
func (p *parser) escaped(f Field, s scan.String) {
	var room [128]byte
	text := ""
	if fields[f].kind != KindStrings {
		text = view(scan.AppendUnquoted(room[:0], p.scan.Raw(s)))
	}
	p.judge(f, s, text)
}

// keep stores the string s, which stands for text, in the contact if f is wanted. It returns the rule that the text breaks.
// The texts of strings are not looked at.
func (p *parser) keep(f Field, s scan.String, text string) Rule {
	c, keep := p.contact, p.wanted.Has(f)
	switch fields[f].kind {
	case KindTimezone:
		if p.mode != stored && !tzdb.Has(text) {
			return RuleTimezone
		}
		if keep {
			*at[*string](c, f) = p.keepString(s)
		}
	case KindStrings:
		if keep {
			keys := at[[]string](c, f)
			*keys = append(*keys, p.keepText(s))
		}
	case KindID, KindIDs:
		id, ok := parseID(text)
		switch {
		case !ok:
			return RuleUUID
		case f == FieldID && p.id != nil && id != *p.id:
			return RuleMismatch
		case !keep:
		case fields[f].kind == KindID:
			*at[ID](c, f) = id
		default:
			ids := at[[]ID](c, f)
			*ids = append(*ids, id)
		}
	case KindDate:
		d, ok := parseDate(text)
		if !ok {
			return RuleDate
		}
		if keep {
			p.values.date = d
			*at[*Date](c, f) = &p.values.date
		}
	case KindTimestamp:
		t, ok := parseTimestamp(text)
		switch {
		case !ok:
			return RuleTimestamp
		case !keep:
		case RequiredFields.Has(f):
			*at[time.Time](c, f) = t
		default:
			p.values.lastSeen = t
			*at[*time.Time](c, f) = &p.values.lastSeen
		}
	case KindConstant:
		if text != typeConstant {
			return RuleEnum
		}
	}
	return ""
}

// The texts that a contact keeps stand one after another in a few blocks, with room for ids among them, and so do the
// strings that its optional fields point to. A block has room for a share of what the rest of the body could need, and
// not more than these, since whatever stands in it keeps all of it alive.
const (
	mostBytes   = 1 << 10
	mostStrings = 18 + fewElements // of these, 18 for the fields that hold strings
	fewElements = 4                // as many elements of an array need no block of their own
)

// grow makes room for n more bytes of text and returns where they begin. The body has been read up to pos.
func (p *parser) grow(n, pos int) int {
	if cap(p.bytes)-len(p.bytes) < n {
		rest := len(p.scan.Text()) - pos
		p.bytes = make([]byte, 0, max(n, min(96+rest/3, mostBytes)))
	}
	return len(p.bytes)
}

func (p *parser) keepBoolean(f Field, value bool) {
	if p.wanted.Has(f) {
		*at[bool](p.contact, f) = value
	}
}

// keepText returns a copy of what v stands for.
func (p *parser) keepText(v scan.String) string {
	raw := p.scan.Raw(v)
	if p.borrow && !v.Escaped {
		return raw
	}
	start := p.grow(len(raw), v.End)
	if v.Escaped {
		p.bytes = scan.AppendUnquoted(p.bytes, raw)
	} else {
		p.bytes = append(p.bytes, raw...)
	}
	return view(p.bytes[start:])
}

// keepString returns a pointer to a copy of what v stands for.
func (p *parser) keepString(v scan.String) *string {
	s := p.keepText(v)
	n := len(p.strings)
	if n == cap(p.strings) {
		rest := len(p.scan.Text()) - v.End
		p.strings, n = make([]string, 0, min(1+rest/24, mostStrings)), 0 // a member takes about 24 bytes
	}
	p.strings = append(p.strings, s)
	return &p.strings[n]
}

// keepObject returns a compact copy of the object that begins at start and ends here.
func (p *parser) keepObject(start, spaces int) Object {
	text := p.scan.Since(start)
	if p.borrow && spaces == 0 {
		return Object(text)
	}
	start = p.grow(len(text)-spaces, p.scan.Pos())
	if spaces > 0 {
		p.bytes = scan.AppendCompact(p.bytes, text)
	} else {
		p.bytes = append(p.bytes, text...)
	}
	return Object(view(p.bytes[start:]))
}

// array reads the array for f.
func (p *parser) array(f Field) {
	element := KindString
	if fields[f].kind == KindIDs {
		element = KindID
	}
	switch {
	case !p.wanted.Has(f):
	case element == KindID:
		*at[[]ID](p.contact, f) = p.idRoom()
	default:
		*at[[]string](p.contact, f) = p.stringRoom()
	}
	p.scan.Open()
	for i := p.usualElements(f, element); p.scan.OK() && p.scan.Element(i); i++ {
		if p.scan.Peek() == '"' {
			p.text(f)
			continue
		}
		p.scan.Skip()
		if e := p.addHere(f, RuleType); e != nil {
			e.Detail = typeDetails[element]
		}
		p.takeDuplicates(f)
	}
}

// idRoom returns room for a few ids.
func (p *parser) idRoom() []ID {
	const n = fewElements * len(ID{})
	start := p.grow(n, p.scan.Pos())
	p.bytes = p.bytes[:start+n]
	return unsafe.Slice((*ID)(p.bytes[start:]), fewElements)[:0]
}

// stringRoom returns room for a few strings.
func (p *parser) stringRoom() []string {
	n := len(p.strings)
	if cap(p.strings)-n < fewElements {
		return make([]string, 0, fewElements)
	}
	p.strings = p.strings[:n+fewElements]
	return p.strings[n:n:len(p.strings)]
}

// usualElements reads elements as most senders write them, and returns their number, as usual does for members. It stops
// before the comma of the next element.
func (p *parser) usualElements(f Field, element Kind) int {
	t, i := p.scan.Text(), p.scan.Pos()
	for n := 0; ; n++ {
		start := i + 1
		if n > 0 && i < len(t) && t[i] == ',' {
			start++
		} else if n > 0 {
			return n
		}
		// An id that is none ends somewhere else, or fails to be kept.
		end := start + len("3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9")
		if element == KindString {
			end = scan.PlainEnd(t, start)
		}
		if end >= len(t) || t[start-1] != '"' || t[end] != '"' || p.keep(f, scan.String{Start: start, End: end}, t[start:end]) != "" {
			return n
		}
		i = end + 1
		p.scan.Jump(i)
	}
}

// object reads the object for f.
func (p *parser) object(f Field) {
	start, spaces := p.scan.Pos(), p.scan.Spaces
	p.scan.Skip()
	repeated := len(p.scan.Duplicates) > 0
	p.takeDuplicates(f)
	if !p.scan.OK() || repeated {
		return
	}
	if !p.wanted.Has(f) && p.judgeMeta == nil {
		return
	}
	o := p.keepObject(start, p.scan.Spaces-spaces)
	if p.wanted.Has(f) {
		*at[Object](p.contact, f) = o
	}
	for _, e := range metaErrors(p.judgeMeta, o) {
		if p.room(f) {
			e.Meta.owner = f
			*p.add(f, e.Rule, e.Pointer) = e
		}
	}
}

// room counts a fault of f and reports whether it is worth keeping. None is once the text is broken: that stands alone.
func (p *parser) room(f Field) bool {
	if int(p.count[f]) == p.most || !p.scan.OK() {
		return false
	}
	p.count[f]++
	return true
}

// add adds an error of f, which there is room for. A contact is of no use from then on.
func (p *parser) add(f Field, rule Rule, pointer string) *Error {
	p.wanted = 0
	errs := &p.strays
	if f != unknownMember {
		if errs = &p.errs; *errs == nil {
			const usual = 5
			block := make(Errors, usual+1)
			*errs = block[:0:usual]
			if p.strays == nil {
				p.strays = block[usual:usual]
			}
		}
		p.mixed = p.mixed || f < p.last
		p.last = f
	}
	row := rule.row()
	*errs = append(*errs, Error{})
	e := &(*errs)[len(*errs)-1]
	e.Code, e.Rule, e.Pointer, e.Detail = row.code, rule, pointer, row.detail
	e.Meta.owner = f
	return e
}

// addHere adds an error at the current member or element, if there is room for one more of f.
func (p *parser) addHere(f Field, rule Rule) *Error {
	if !p.room(f) {
		return nil
	}
	at := p.scan.Pointer()
	e := p.add(f, rule, at.Text)
	e.Meta.PointerTruncated = at.Truncated
	return e
}

// takeDuplicates adds the repeated members that the scanner met in a value of f.
func (p *parser) takeDuplicates(f Field) {
	for _, at := range p.scan.Duplicates {
		if p.room(f) {
			p.add(f, RuleDuplicate, at.Text).Meta.PointerTruncated = at.Truncated
		}
	}
	p.scan.Duplicates = p.scan.Duplicates[:0]
}

// failed reports whether an error has been added.
func (p *parser) failed() bool { return p.errs != nil || p.strays != nil }

// result returns what was found, in order, or nil.
func (p *parser) result() error {
	if at, offset := p.scan.Fault(); at != scan.None {
		return Errors{newScanError(at, offset, p.scan.MaxDepth())}
	}
	if !p.failed() {
		return nil
	}
	if p.mixed {
		// A sort from the standard library would add more to a WASM build than all of this file's errors.
		found := p.errs
		p.errs = make(Errors, 0, len(found)+len(p.strays))
		for f := range fieldCount {
			for i := range found {
				if found[i].Meta.owner == f {
					p.errs = append(p.errs, found[i])
				}
			}
		}
	}
	errs := append(p.errs, p.strays...)
	for i := range errs {
		errs[i].Meta.owner = 0
	}
	return cut(errs, p.most-1)
}

// cut cuts errs to as many as are reported.
func cut(errs Errors, most int) Errors {
	if len(errs) > most {
		return append(errs[:most:most], newLimitError(RuleTruncated, "", most))
	}
	return errs
}

// suggestField returns the name of the field that name was most likely meant to be, or "": the one that differs only in
// case and separators, or the first of those that differ least, or the same for its words the other way around, as in
// first_name.
func suggestField(name string) string {
	const least = 3
	for name != "" && isSeparator(name[0]) {
		name = name[1:]
	}
	for name != "" && isSeparator(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	best, cost, have := "", least, shapeOf(name)
	for f := range fieldCount {
		// What differs is at least as long as what one of the two has more than the other, and where they begin and end
		// in different ways it is everything.
		s := fieldShapes[f]
		if have.letters >= s.letters+cost || s.letters >= have.letters+cost || have.first != s.first && have.last != s.last {
			continue
		}
		if c := editCost(name, f.String(), cost); c < cost {
			best, cost = f.String(), c
		}
	}
	if first, second, ok := strings.Cut(name, "_"); ok && best == "" {
		swapped := second + "_" + first
		for f := range fieldCount {
			if editCost(swapped, f.String(), 1) == 0 {
				return f.String()
			}
		}
	}
	return best
}

// editCost returns how much a and b differ: 0 if only in case and separators, else the length of the one stretch in
// which they do, two swapped characters counting as one. It returns most if that is not below it, or not below the
// length of what is alike.
func editCost(a, b string, most int) int {
	i, j, alike := 0, 0, 0
	for {
		for i < len(a) && isSeparator(a[i]) {
			i++
		}
		for j < len(b) && isSeparator(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) || a[i]|0x20 != b[j]|0x20 {
			break
		}
		i, j, alike = i+1, j+1, alike+1
	}
	a, b = a[i:], b[j:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1]|0x20 == b[len(b)-1]|0x20 {
		a, b, alike = a[:len(a)-1], b[:len(b)-1], alike+1
	}
	cost := max(len(a), len(b))
	if len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0] {
		cost = 1
	}
	if cost < min(most, alike) {
		return cost
	}
	return most
}

// A shape tells at a glance that two names are not near each other.
type shape struct {
	letters     int  // characters that are no separators
	first, last byte // in lower case
}

func shapeOf(name string) (s shape) {
	for i := range len(name) {
		if !isSeparator(name[i]) {
			s.letters++
		}
	}
	if name != "" {
		s.first, s.last = name[0]|0x20, name[len(name)-1]|0x20
	}
	return s
}

var fieldShapes = func() (shapes [fieldCount]shape) {
	for f := range fieldCount {
		shapes[f] = shapeOf(f.String())
	}
	return shapes
}()

func isSeparator(c byte) bool { return c == '_' || c == '-' || c == '.' || c == ' ' }
