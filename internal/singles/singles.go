// Package singles gives the tests of this repository the patches of one field that package
// contacttest makes. They are not for the tests of services, so contacttest does not export them.
package singles

import "iter"

// All returns every patch of one field with one of the values that bodies are made of, of any kind.
// It is nil in a program that does not import contacttest, whose initialization sets it.
var All func() iter.Seq[[]byte]
