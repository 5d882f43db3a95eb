package contact

// typeDetails says for each kind what JSON type it takes.
var typeDetails = [...]string{
	KindID:        "Send a string that holds a version 4 UUID.",
	KindConstant:  "Send the string \"contact\".",
	KindString:    "Send a string in double quotes.",
	KindDate:      "Send a string that holds a date, written YYYY-MM-DD.",
	KindTimezone:  "Send a string that holds a timezone's name, such as America/Chicago.",
	KindBoolean:   "Send true or false, without quotes.",
	KindObject:    "Send a JSON object.",
	KindTimestamp: "Send a string that holds an RFC 3339 timestamp.",
	KindIDs:       "Send an array of strings that hold version 4 UUIDs.",
	KindStrings:   "Send an array of strings.",
	KindEnum:      "Send a string in double quotes.",
}

const (
	detailBody            = "Send a JSON object."
	detailNoValue         = "The value is empty: send a JSON value."
	detailUTF8            = "Send text that is valid UTF-8."
	detailUnrepresentable = "Remove this member or give it another value: a merge patch " +
		"cannot set a member to null."
	detailDocument   = "Send shorter values: merged with what is stored, the contact is too large."
	detailCutVersion = "Send updated_at with all its digits, as it was read: it " +
		"differs from the stored version only below the millisecond."
	detailTags     = "Send * or entity tags in double quotes, with commas between them."
	detailCoding   = "Send the body as it is, without a content coding."
	detailOptional = "Send a value or leave the field out: null clears a field only in a patch."
	detailAnyKey   = "Send 1 to 128 visible ASCII characters as Idempotency-Key, " +
		"or leave the header out."
)

// detailFlag is of a text that says neither: in quotes or not, it is not JSON.
const detailFlag = "Write true or false."

const detailReplace = "Send the two patches one after the other: " +
	"no merge patch replaces a member by an object."
