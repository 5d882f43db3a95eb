// Package limits holds the default limits of contact.Options, for the engine and for tests,
// generators and commands that name them.
package limits

const (
	MaxBytes    = 1 << 20   // bytes of a body
	MaxDepth    = 64        // nested arrays and objects, the body's own object counted
	MaxErrors   = 100       // errors reported before one of rule truncated
	MaxMeta     = 256 << 10 // bytes of a merged meta_public
	MaxDocument = 2 << 20   // bytes of a merged contact's document
)
