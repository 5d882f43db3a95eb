//go:build contact_small

package contact

// ID is an identifier of the API, a version 4 UUID (RFC 9562 §5.4). Without the tag it is
// google/uuid's UUID.
type ID [16]byte

// String returns the id in lower case, as 8-4-4-4-12 hexadecimal digits.
func (id ID) String() string { return string(appendID(nil, id)) }

// MarshalText returns what String does. It never fails.
func (id ID) MarshalText() ([]byte, error) { return appendID(nil, id), nil }

// UnmarshalText reads an id as ParseID does; id is left as it was on an error.
func (id *ID) UnmarshalText(text []byte) error {
	v, err := ParseID(string(text))
	if err == nil {
		*id = v
	}
	return err
}
