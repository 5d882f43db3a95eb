package contact

// A Kind is the JSON form of a field and its Go type in [Contact].
type Kind uint8

// The kinds of fields.
const (
	KindID        Kind = iota // ID
	KindConstant              // no Go field: always "contact"
	KindString                // *string
	KindDate                  // *Date
	KindTimezone              // *string
	KindTimestamp             // time.Time, or *time.Time in an optional field
	KindBoolean               // bool
	KindObject                // Object
	KindIDs                   // []ID
	KindStrings               // []string

	kindUnknown                 // of what is no field
	lastText    = KindTimestamp // the kinds up to it are strings in JSON
)

var kindNames = [...]string{
	"id", "constant", "string", "date", "timezone", "timestamp", "boolean", "object", "ids", "strings", "unknown",
}

// String returns the kind's name: "id", "constant", "string", "date", "timezone", "timestamp", "boolean", "object",
// "ids" or "strings", as the browser package and the schema have it.
func (k Kind) String() string { return kindNames[min(k, kindUnknown)] }
