//go:build !contact_small

package contact

import "github.com/google/uuid"

// ID is an identifier of the API, a version 4 UUID (RFC 9562 §5.4). It is google/uuid's type, so
// that what a program already has fits. With the tag contact_small it is a plain [16]byte
// with the same text methods, because google/uuid would make the npm package half as large again;
// contact.ID(u) compiles in both.
type ID = uuid.UUID
