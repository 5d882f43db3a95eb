// Package singles gives the tests of this repository access to contacttest's patches of one field.
// Tests of services do not need these, so contacttest does not export them.
package singles

import "iter"

// All returns a patch for each field and each sample value of any kind. Package contacttest sets All
// when it is initialized; in a program that does not import contacttest it is nil.
var All func() iter.Seq[[]byte]
