package contact

import (
	"slices"
	"strings"
	"time"

	"github.com/partner-contacts/contact/internal/scan"
	"github.com/partner-contacts/contact/internal/tzdb"
)

// A mode is the kind of document that a body is parsed as.
type mode uint8

const (
	modeContact       mode = iota // a contact from outside
	modeStored                    // a contact from the service's store
	modePatch                     // a merge patch
	modeCompletePatch             // a merge patch that must be a whole contact
)

// A parser reads one body in one pass. It validates each value as it meets it, and stores the
// values of the fields in keep.
type parser struct {
	scan          scan.Scanner
	mode          mode
	ignoreUnknown bool
	checkMeta     func(Object) Errors // nil: none
	id            *ID                 // the only one allowed; nil: any

	keep    FieldSet // the fields to store in contact; none once there is an error
	muted   bool     // on a fault clear keep, but add no error
	contact *Contact
	arena   *arena
	index   *documentIndex // of a stored document for AppendMerge; nil: none
	noCopy  bool           // strings and objects may share the body's memory
	block   string         // a copy of the text of an array of many strings
	blockAt int            // its offset in the body

	seen, null     FieldSet
	unknownNames   *scan.NameSet // members that contacts do not have; nil: none yet
	unknownMembers []byte        // their texts in a stored contact, each after a comma
	errs           errorList
	resolution     time.Duration // of optional timestamps; 0 keeps all digits
}

func (p *parser) init(o *Options, text string, m mode) {
	p.errs.limit = o.maxErrors() + 1
	p.scan.Init(text, o.maxDepth(), p.errs.limit)
	p.mode = m
	p.ignoreUnknown = o.IgnoreUnknown
	if r := o.TimestampResolution; m != modeStored && dividesSecond(r) {
		p.resolution = r
	}
	if m == modeContact {
		p.checkMeta = o.CheckMeta
	}
}

// document reads the whole body.
func (p *parser) document() error {
	p.scan.Start()
	if p.scan.Peek() == '{' {
		p.members()
		if p.mode != modePatch {
			p.requireAll()
		}
	} else {
		p.scan.Skip()
		p.add(unknownMember, RuleType, "").withDetail(typeDetails[KindObject])
		p.addDuplicates(unknownMember)
	}
	p.scan.Finish()
	return p.result()
}

// member reads a text that is the value of f.
func (p *parser) member(f Field) error {
	p.scan.Inside(f.pointer(), 1)
	p.scan.Start()
	p.value(f)
	p.scan.Finish()
	err := p.result()
	if fault, _ := p.scan.Fault(); fault == scan.Empty {
		err.(Errors)[0].Detail = messageNoValue.text() // there is no body to speak of
	}
	return err
}

// members reads the members of the body.
func (p *parser) members() {
	p.scan.Open()
	next := Field(0) // most senders write fields in the order of the table
	for first := true; ; first = false {
		f := next
		if first || !p.scan.Key(fieldTexts[next].key, 2) {
			if !p.scan.More(first) {
				return
			}
			if !p.scan.Key(fieldTexts[next].key[1:], 1) {
				name, ok := p.scan.Name()
				if !ok {
					return
				}
				if f, ok = p.field(name); !ok {
					p.unknown(name)
					continue
				}
			}
		}
		if next = f + 1; next == fieldCount {
			next = 0
		}
		if p.seen.Has(f) {
			p.addHere(f, RuleDuplicate)
			p.skip(f)
			continue
		}
		p.seen |= 1 << f
		if p.index != nil {
			p.readStored(f)
		} else {
			p.value(f)
		}
	}
}

// field returns the field with a member's name, which may contain escapes.
func (p *parser) field(name scan.String) (Field, bool) {
	raw := p.scan.Raw(name)
	if !name.Escaped {
		return FieldByName(raw)
	}
	const longest = len(`\u0000`) * longestName
	if len(raw) > longest {
		return 0, false
	}
	var buf [longest]byte
	return FieldByName(view(scan.AppendUnquoted(buf[:0], raw)))
}

// unknown reads a member that contacts do not have.
func (p *parser) unknown(name scan.String) {
	if p.unknownNames == nil {
		p.unknownNames = new(scan.NameSet)
	}
	repeated := p.scan.Repeated(p.unknownNames, name)
	if repeated {
		p.addHere(unknownMember, RuleDuplicate)
	} else if !p.ignoreUnknown && p.mode != modeStored {
		e := p.addHere(unknownMember, RuleUnknown)
		if e != nil && name.End-name.Start <= len(`\u0000`)*longestGuess {
			e.Meta.Suggestion = suggestField(p.scan.Unquoted(name))
		}
	}
	p.skip(unknownMember)
	if p.mode == modeStored && p.contact != nil && !p.noCopy && !repeated && p.scan.OK() {
		p.unknownMembers = scan.AppendCompact(append(p.unknownMembers, ','), p.scan.Since(name.Start-1))
	}
}

func (p *parser) requireAll() {
	for missing := RequiredFields &^ p.seen; missing != 0; missing &= missing - 1 {
		f := missing.first()
		p.add(f, RuleRequired, f.pointer())
	}
}

// skip skips the value of a member of f; it checks only for duplicate names.
func (p *parser) skip(f Field) {
	p.scan.Skip()
	p.addDuplicates(f)
}

// value reads the value of f.
func (p *parser) value(f Field) {
	c, k := p.scan.Peek(), fields[f].kind
	switch {
	case c == '"' && k == KindString:
		if s := p.scan.String(); p.keep.Has(f) && p.scan.OK() {
			*p.contact.stringAt(f) = p.keepString(s)
		}
	case c == 'n':
		p.nullValue(f)
	case !k.begins(c):
		p.scan.Skip()
		p.add(f, RuleType, f.pointer()).withDetail(typeDetails[k])
		p.addDuplicates(f)
	case k == KindBoolean:
		if value := p.scan.Boolean(); p.keep.Has(f) {
			*p.contact.boolAt(f) = value
		}
	case k == KindObject:
		p.objectValue(f)
	case c == '"':
		p.stringValue(f)
	default:
		p.arrayValue(f)
	}
}

// nullValue reads the null for f.
func (p *parser) nullValue(f Field) {
	required := RequiredFields.Has(f)
	switch {
	case !p.scan.Null():
	case !required && p.mode == modePatch:
		p.null |= 1 << f
	case !required && p.mode == modeStored:
	case required:
		p.add(f, RuleNull, f.pointer())
	default:
		p.add(f, RuleNull, f.pointer()).withDetail(messageOptional.text())
	}
}

// stringValue reads the string for f, or for the current element of its array.
func (p *parser) stringValue(f Field) {
	s := p.scan.String()
	switch {
	case !p.scan.OK():
	case s.Escaped:
		p.escapedString(f, s)
	default:
		p.validate(f, s, p.scan.Raw(s))
	}
}

// escapedString validates a string that contains escapes. Its buffer for the unquoted text is on
// the stack. It is a function of its own because few bodies need it.
func (p *parser) escapedString(f Field, s scan.String) {
	var buf [128]byte
	text := ""
	if fields[f].kind != KindStrings {
		text = view(scan.AppendUnquoted(buf[:0], p.scan.Raw(s)))
	}
	p.validate(f, s, text)
}

// validate checks the string s, whose unquoted form is text, for f or the current element of its
// array, and stores it if f is in keep.
func (p *parser) validate(f Field, s scan.String, text string) {
	rule := Rule("")
	switch fields[f].kind {
	case KindID, KindIDs:
		rule = p.readID(f, text)
	case KindTimestamp:
		rule = p.readTime(f, text)
	case KindDate:
		rule = p.readDate(f, text)
	case KindStrings:
		if p.keep.Has(f) {
			p.keepElement(f, s)
		}
	default:
		rule = p.readChoice(f, s, text)
	}
	if rule != "" {
		p.report(f, rule, text)
	}
}

// report adds the error for a text for f, or for the current element of its array, that breaks
// rule.
func (p *parser) report(f Field, rule Rule, text string) {
	if fields[f].kind == KindIDs {
		p.addHere(f, rule)
		return
	}
	e := p.add(f, rule, f.pointer())
	switch {
	case e == nil:
	case rule == RuleTimezone:
		e.Meta.Suggestion = tzdb.Suggest(text)
	case rule == RuleEnum:
		e.Detail = f.enum().detail
	}
}

// arrayValue reads the array for f.
func (p *parser) arrayValue(f Field) {
	k := fields[f].kind
	element := KindString
	if k == KindIDs {
		element = KindID
	}
	switch {
	case !p.keep.Has(f):
	case k == KindIDs:
		*p.contact.idsAt(f) = make([]ID, 0, p.countIDs())
	default:
		*p.contact.stringsAt(f) = p.newStrings()
	}
	spaces := p.scan.Spaces
	p.scan.Open()
	for i := 0; p.scan.Element(i); i++ {
		if p.scan.Peek() == '"' {
			if scan.Small || k != KindIDs || !p.idElement(f) {
				p.stringValue(f)
			}
			continue
		}
		p.scan.Skip()
		p.addHere(f, RuleType).withDetail(typeDetails[element])
		p.addDuplicates(f)
	}
	// Spare capacity could be overwritten by another contact that shares the elements.
	switch {
	case !p.keep.Has(f):
	case k == KindIDs:
		ids := p.contact.idsAt(f)
		if !scan.Small && cap(*ids)-len(*ids) > fewElements {
			*ids = slices.Clone(*ids) // white space looked like ids
		}
		*ids = slices.Clip(*ids)
	default:
		texts := p.contact.stringsAt(f)
		if !scan.Small && !p.noCopy && len(*texts) > fewElements && p.scan.Spaces > spaces {
			*texts = cloneStrings(*texts) // leave out the white space
		}
		*texts = slices.Clip(*texts)
	}
}

// newStrings returns an empty slice for the strings of the array at the current position. The
// strings of an array are replaced together, so those of a long one share a copy of its text. For
// example, ["a","b","c","d","e"] is copied as it is, and the strings are views of the copy.
func (p *parser) newStrings() []string {
	if !scan.Small {
		array := p.scan.Text()[p.scan.Pos():]
		array = array[:strings.IndexByte(array, ']')+1]
		n := strings.Count(array, `"`) / 2
		if n > fewElements && strings.IndexByte(array, '\\') < 0 {
			p.block, p.blockAt = array, p.scan.Pos()
			if !p.noCopy {
				p.block = strings.Clone(array)
			}
			return make([]string, 0, n)
		}
	}
	return p.arena.newStrings()
}

// idElement reads the next element of the array for f if it is an id. A valid id has no byte that a
// string would have to be scanned for.
func (p *parser) idElement(f Field) bool {
	const length = len(`00000000-0000-4000-8000-000000000000`)
	text, ok := p.scan.Quoted(length)
	if !ok {
		return false
	}
	id, ok := parseID(text)
	if !ok {
		return false
	}
	p.scan.Pass(length)
	if p.keep.Has(f) {
		ids := p.contact.idsAt(f)
		*ids = append(*ids, id)
	}
	return true
}

// countIDs returns how many ids the array at the current position has at most.
func (p *parser) countIDs() int {
	if scan.Small {
		return fewElements
	}
	const element = len(`"00000000-0000-4000-8000-000000000000",`)
	return (strings.IndexByte(p.scan.Text()[p.scan.Pos():], ']') + 1) / element
}

// objectValue reads the object for f.
func (p *parser) objectValue(f Field) {
	start, spaces := p.scan.Pos(), p.scan.Spaces
	p.scan.Skip()
	repeated := len(p.scan.Duplicates) > 0
	p.addDuplicates(f)
	if !p.scan.OK() || repeated || !p.keep.Has(f) && p.checkMeta == nil {
		return
	}
	o := p.keepObject(start, p.scan.Spaces-spaces)
	if p.keep.Has(f) {
		*p.contact.objectAt(f) = o
	}
	for _, found := range metaErrors(p.checkMeta, o) {
		if e := p.add(f, found.Rule, found.Pointer); e != nil {
			*e = found
			e.Meta.sortField = f
		}
	}
}
