package contact

import (
	"math"
	"time"

	"github.com/partner-contacts/contact/internal/limits"

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
	// AppendMerge cut the value to it as they read it, so a value that the store would round is
	// compared, answered and stored alike. For PostgreSQL's timestamptz it is a microsecond.
	TimestampResolution time.Duration

	// CheckMeta judges a meta_public that is about to be stored: the merged one in Merge, if it
	// changed, and that of a whole contact in Parse and Check. Pointers in its errors begin at the
	// object; an empty Code, Rule or Detail is filled in. It must not keep or change anything, and
	// be safe for concurrent use.
	CheckMeta func(Object) Errors
}

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

func (o Options) maxBytes() int { return limit(o.MaxBytes, limits.MaxBytes, scan.MaxText) }

func (o Options) maxDepth() int { return limit(o.MaxDepth, limits.MaxDepth, maxNesting) }

func (o Options) maxErrors() int { return limit(o.MaxErrors, limits.MaxErrors, math.MaxInt32-1) }

func (o Options) maxMeta() int { return limit(o.MaxMeta, limits.MaxMeta, math.MaxInt) }

func (o Options) maxDocument() int { return limit(o.MaxDocument, limits.MaxDocument, math.MaxInt) }

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

func (o *Options) patchMode() mode {
	if o.RequireComplete {
		return modeCompletePatch
	}
	return modePatch
}
