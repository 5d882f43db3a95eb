// Package compare does the update of a contact four ways, each as a service would write it: by this
// library, by go-playground/validator on structs, by oapi-codegen's models with nullable fields behind
// kin-openapi, and by a field mask over a protobuf message. The test asks the same of all and writes what
// it finds into docs/compare.md.
package compare

import "errors"

// What the three others say by themselves of a request that is in order, but not for this contact.
var (
	errIdentity = errors.New("the identity of a contact never changes")
	errStale    = errors.New("the contact has changed since")
	errTrailing = errors.New("something follows the body")
)
