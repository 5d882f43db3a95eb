package contact

import (
	"math"
	"time"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact/internal/scan"
)

// Options are the ways in which a service may depart from the contract. The zero value is the
// contract itself, and the functions of the package use it. An Options is safe for concurrent use.
type Options struct {
	// RequireComplete requires a patch to be a complete contact, with all required fields and
	// without nulls. Such a patch cannot clear a field, and always includes updated_at.
	RequireComplete bool

	// IgnoreUnknown skips members that are not fields of a contact. A repeated name is an error
	// nevertheless.
	IgnoreUnknown bool

	// AllowStale makes Merge accept a patch whose updated_at is not the stored one.
	AllowStale bool

	// AnyIdempotencyKey makes ParseUpdate accept any idempotency key of 1 to 128 visible ASCII
	// characters, instead of a version 4 UUID.
	AnyIdempotencyKey bool

	// Limits: 0 is the default. A negative number lifts the limit, up to the maximum
	// given here. A
	// meta_public over MaxMeta is refused only if the merge made it larger.
	MaxBytes  int // bytes of a body: 1 MiB; at most 2 GiB; not applied to a stored contact
	MaxDepth  int // open brackets at once, with those of the body: 64; at most 1,000
	MaxErrors int // reported before one of rule truncated: 100
	MaxMeta   int // bytes of meta_public after a merge: 256 KiB

	// MaxDocument limits the bytes of a merged contact's document: 2 MiB. A document over the limit
	// is refused only if the merge made it larger. Without the limit, many patches could build a
	// contact larger than any body, and every later request would have to read it.
	MaxDocument int

	// VersionResolution is the precision at which the store keeps updated_at: a microsecond by
	// default. It must divide a second. Merge compares versions at this resolution and truncates
	// new ones to it. If the store kept fewer digits than Merge writes, two writers could get the
	// same version.
	VersionResolution time.Duration

	// TimestampResolution is the precision at which the store keeps last_seen_at; 0 keeps all nine
	// digits of the fraction. It must divide a second. Parse, ParsePatch, ParseUpdate and
	// AppendMerge truncate the value to it as they read it. The value compared, answered and stored
	// is then the same, although the store would round it. Use a microsecond for PostgreSQL's
	// timestamptz.
	TimestampResolution time.Duration

	// CheckMeta validates a meta_public before it is stored. Merge calls it for a merged object
	// that changed; Parse and Check call it for that of a whole contact. Pointers in its errors are
	// relative to the object; an empty Code, Rule or Detail is filled in. It must not retain or
	// modify anything, and must be safe for concurrent use.
	CheckMeta func(Object) Errors
}

// maxNesting is the largest MaxDepth that can be set.
const maxNesting = 1000

// limit returns the limit that an option sets: standard for 0, and most for no limit.
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

// forStored returns the options without MaxBytes: patches may have made a stored document larger
// than any body.
func (o Options) forStored() Options {
	o.MaxBytes = -1
	return o
}

// tooLong returns an error if the text is longer than MaxBytes.
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
