package contact

import (
	"math"
	"time"

	"github.com/partner-contacts/contact/internal/scan"
)

// Options are the ways in which a service may depart from the contract. The zero value is the
// contract itself, and the functions of the package use it. An Options may be used by several
// goroutines at once.
type Options struct {
	// Complete holds a patch to the reference page to the letter: the body must itself be a valid
	// contact, with all required fields and without nulls. It cannot clear a field then, and
	// always carries the version.
	RequireComplete bool

	// IgnoreUnknown skips members that contacts do not have. Repeated names are errors all the
	// same.
	IgnoreUnknown bool

	// AllowStale makes Merge take a patch whose updated_at is not the stored one.
	AllowStale bool

	// AnyIdempotencyKey makes ParseUpdate take any idempotency key of 1 to 128 visible ASCII
	// characters.
	AnyIdempotencyKey bool

	// Limits: 0 is the default, a negative number no limit but those named.
	MaxBytes  int // of a body: 1 MiB; a stored contact has none; never more than 2 GiB
	MaxDepth  int // of brackets within brackets, the body's own counted: 64; never more than 1,000
	MaxErrors int // reported before one of rule truncated: 100
	MaxMeta   int // bytes of a merged meta_public, refused only if it also grew: 256 KiB

	// MaxDocument limits the bytes of a merged contact's document, refused only if it also grew: 2
	// MiB. Many patches could otherwise make a contact that no body could, which every later
	// request would have to read.
	MaxDocument int

	// VersionResolution is the precision at which the store keeps updated_at, by default a
	// microsecond. It must divide a second. Merge compares versions at it and stamps new ones cut
	// to it: a store that keeps less than Merge stamps would give two writers the same version.
	VersionResolution time.Duration

	// TimestampResolution is the precision at which the store keeps last_seen_at; 0 keeps all nine
	// digits of the fraction. It must divide a second. Parse, ParsePatch, ParseUpdate and
	// AppendMerge cut the value to it as they read it, so that a value that the store would round
	// is compared, answered and stored alike. For PostgreSQL's timestamptz it is a microsecond.
	TimestampResolution time.Duration

	// CheckMeta judges a meta_public that is about to be stored: the merged one in Merge, if it
	// changed, and that of a whole contact in Parse and Check. Pointers in its errors begin at the
	// object; an empty Code, Rule or Detail is filled in. It must not keep or change anything, and
	// be safe for concurrent use.
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
	// DefaultMaxDocument is the number of bytes of a merged contact's document.
	DefaultMaxDocument = 2 << 20
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

func (o Options) maxBytes() int  { return limit(o.MaxBytes, DefaultMaxBytes, scan.MaxText) }
func (o Options) maxDepth() int  { return limit(o.MaxDepth, DefaultMaxDepth, maxNesting) }
func (o Options) maxErrors() int { return limit(o.MaxErrors, DefaultMaxErrors, math.MaxInt32-1) }
func (o Options) maxMeta() int   { return limit(o.MaxMeta, DefaultMaxMeta, math.MaxInt) }

func (o Options) maxDocument() int { return limit(o.MaxDocument, DefaultMaxDocument, math.MaxInt) }

// Parse reads a whole contact from outside: all required fields, no nulls, no members that
// contacts do not have. The error is an Errors with every fault. It copies what it keeps of the
// body, which may be reused at once. A usual contact takes three allocations: itself, its strings,
// and their text.
func Parse(body []byte) (*Contact, error) { return Options{}.Parse(body) }

// ParseStored reads a contact from your own store: as Parse, but null on an optional field means
// that the contact does not have it, timezones are not looked up, since a name that was valid when
// it was stored may no longer be, and members that contacts do not have are kept in Unknown. The
// error is a [StoreError]. A stored contact may be as large as it is: many small patches can make
// one that no body could.
func ParseStored(body []byte) (*Contact, error) { return Options{}.ParseStored(body) }

// ParsePatch reads the body of an update, a JSON merge patch (RFC 7396) of a contact: any of the
// fields, null to clear an optional one. The error is an Errors with every fault that can be found
// without the stored contact. It allocates as Parse does.
func ParsePatch(body []byte) (*Patch, error) { return Options{}.ParsePatch(body) }

// Check returns the error that Parse would, and makes no contact. It allocates nothing if the body
// is valid and no object in it has more than 64 members, unless Options ask for more: a CheckMeta,
// or over 64 levels.
func Check(body []byte) error { return Options{}.Check(body) }

// CheckPatch returns the error that ParsePatch would, and makes no patch. It allocates nothing if
// the body is valid and no object in it has more than 64 members.
func CheckPatch(body []byte) error { return Options{}.CheckPatch(body) }

// CheckStored returns the error that ParseStored would, and makes no contact.
func CheckStored(document []byte) error { return Options{}.CheckStored(document) }

// CheckField judges the JSON value of one field as ParsePatch would judge it in a patch, with the
// same errors and pointers; only the offset of a syntax error counts from the start of the value.
// It is what a form needs while a person types.
func CheckField(f Field, value []byte) error { return Options{}.CheckField(f, value) }

// Parse is the function Parse by these options.
func (o Options) Parse(body []byte) (*Contact, error) { return o.parseContact(body, modeContact) }

// ParseStored is the function ParseStored by these options.
func (o Options) ParseStored(body []byte) (*Contact, error) {
	c, err := o.forStored().parseContact(body, modeStored)
	return c, storeError(err)
}

// forStored returns the options without the limit of bytes: bodies add up to larger documents.
func (o Options) forStored() Options {
	o.MaxBytes = -1
	return o
}

// tooLong returns the error for a text over the limit of bytes.
func (o *Options) tooLong(text []byte) error {
	if most := o.maxBytes(); len(text) > most {
		return Errors{newSizeError(most)}
	}
	return nil
}

func (o Options) parseContact(body []byte, m mode) (*Contact, error) {
	if err := o.tooLong(body); err != nil {
		return nil, err
	}
	var v struct {
		contact Contact
		arena
	}
	var p parser
	p.init(&o, view(body), m)
	p.contact, p.arena, p.keep = &v.contact, &v.arena, AllFields
	if err := p.document(); err != nil {
		return nil, err
	}
	if p.unknownMembers != nil {
		p.unknownMembers[0] = '{'
		v.contact.UnknownMembers = Object(append(p.unknownMembers, '}'))
	}
	return &v.contact, nil
}

// ParsePatch is the function ParsePatch by these options.
func (o Options) ParsePatch(body []byte) (*Patch, error) { return o.parsePatch(body, nil) }

// parsePatch also holds the body's id, if it has one, against the one it must be.
func (o *Options) parsePatch(body []byte, id *ID) (*Patch, error) {
	if err := o.tooLong(body); err != nil {
		return nil, err
	}
	var v struct {
		patch Patch
		arena
	}
	var p parser
	p.init(o, view(body), o.patchMode())
	p.contact, p.arena, p.keep, p.id = &v.patch.contact, &v.arena, AllFields, id
	if err := p.document(); err != nil {
		return nil, err
	}
	v.patch.fields, v.patch.cleared = p.seen, p.null
	return &v.patch, nil
}

// Check is the function Check by these options.
func (o Options) Check(body []byte) error { return o.check(body, modeContact) }

// CheckPatch is the function CheckPatch by these options.
func (o Options) CheckPatch(body []byte) error { return o.check(body, o.patchMode()) }

// CheckStored is the function CheckStored by these options.
func (o Options) CheckStored(document []byte) error {
	o = o.forStored()
	return storeError(o.check(document, modeStored))
}

func (o *Options) check(body []byte, m mode) error {
	if err := o.tooLong(body); err != nil {
		return err
	}
	var p parser
	p.init(o, view(body), m)
	if p.checkMeta != nil {
		p.arena = new(arena)
	}
	return p.document()
}

// CheckField is the function CheckField by these options. A Field that does not exist is an error
// of rule unknown.
func (o Options) CheckField(f Field, value []byte) error {
	switch {
	case f >= fieldCount:
		return Errors{NewError(RuleUnknown, "")}
	case len(value) > o.maxBytes():
		return Errors{newSizeError(o.maxBytes())}
	}
	var p parser
	p.init(&o, view(value), o.patchMode())
	p.scan.Inside(f.pointer(), 1)
	p.scan.Start()
	p.value(f)
	p.scan.Finish()
	err := p.result()
	if fault, _ := p.scan.Fault(); fault == scan.Empty {
		err.(Errors)[0].Detail = detailNoValue // there is no body to speak of
	}
	return err
}

func (o *Options) patchMode() mode {
	if o.RequireComplete {
		return modeCompletePatch
	}
	return modePatch
}
