package contact

// A Code is the code of an error in the API, for programs. The library's are, with their HTTP
// statuses: validation_failed (422, or 400 at a path parameter or header), malformed_json (400),
// unsupported_media_type (415), body_too_large (413), scope_missing (401), stale_update (409) and
// precondition_failed (412). A [Rule] is finer.
type Code string

const (
	codeValidationFailed     Code = "validation_failed"      // 422; 400 of a parameter or header
	codeMalformedJSON        Code = "malformed_json"         // 400
	codeUnsupportedMediaType Code = "unsupported_media_type" // 415
	codeBodyTooLarge         Code = "body_too_large"         // 413
	codeScopeMissing         Code = "scope_missing"          // 401
	codeStaleUpdate          Code = "stale_update"           // 409
	codePreconditionFailed   Code = "precondition_failed"    // 412
)

// codes has the HTTP status of each code. Of several errors the first code in the table decides;
// see [Errors.Status].
var codes = [...]struct {
	code   Code
	status int
}{
	{codeScopeMissing, 401},
	{codeBodyTooLarge, 413},
	{codeUnsupportedMediaType, 415},
	{codeMalformedJSON, statusBadRequest},
	{codeValidationFailed, statusUnprocessable},
	{codeStaleUpdate, 409},
	{codePreconditionFailed, 412},
}

const (
	statusBadRequest    = 400
	statusUnprocessable = 422
)

// A Rule is the rule that a value broke: finer than a Code, and as stable. Tests and programs tell
// errors apart by it.
type Rule string

// The rules.
const (
	RuleSyntax         Rule = "syntax"     // the body is not JSON by RFC 8259 and RFC 7493
	RuleSize           Rule = "size"       // the body or the merged contact is too large
	RuleDepth          Rule = "depth"      // arrays and objects are nested too deeply
	RuleRequired       Rule = "required"   // a required field is missing
	RuleNull           Rule = "null"       // null where it is not allowed
	RuleType           Rule = "type"       // a value of another JSON type
	RuleEnum           Rule = "enum"       // a string that is not one of those allowed
	RuleUUID           Rule = "uuid"       // a string that is not a version 4 UUID
	RuleDate           Rule = "date"       // a string that is not a date
	RuleTimestamp      Rule = "timestamp"  // a string that is not an RFC 3339 timestamp
	RuleTimezone       Rule = "timezone"   // a string that is not a timezone's name
	RuleUnknown        Rule = "unknown"    // a member that contacts do not have
	RuleDuplicate      Rule = "duplicate"  // a member name that came before in the same object
	RuleImmutable      Rule = "immutable"  // an identity field with another value than the stored one
	RuleMismatch       Rule = "mismatch"   // an id in the body that is not the id in the path
	RuleStale          Rule = "stale"      // updated_at is not the stored version
	RuleMeta           Rule = "meta"       // meta_public breaks CheckMeta, or no patch expresses it
	RuleTruncated      Rule = "truncated"  // there are more errors than are listed
	RuleScope          Rule = "scope"      // the token lacks the scope
	RuleMediaType      Rule = "media_type" // the body is not of an accepted media type
	RuleIdempotencyKey Rule = "key"        // the idempotency key is malformed

	// RulePrecondition is a condition of the request that the stored contact does not meet.
	RulePrecondition Rule = "precondition"
)

// A ruleInfo is the row of a rule: the code, the title and the detail that NewError gives an error
// of it. A new rule is a constant above and a row here, where the order is that of [Messages].
type ruleInfo struct {
	rule          Rule
	code          Code
	title, detail string
}

var rules = [...]ruleInfo{
	{RuleRequired, codeValidationFailed, "Field is required",
		"Send this field: every contact has it."},
	{RuleNull, codeValidationFailed, "Field cannot be null",
		"Send a value: this field is required and cannot be cleared."},
	{RuleType, codeValidationFailed, "Invalid type",
		"Send a value of the type that the field has."},
	{RuleEnum, codeValidationFailed, "Invalid value",
		"Send one of the strings that this field allows."},
	{RuleDate, codeValidationFailed, "Invalid format",
		"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29."},
	{RuleTimezone, codeValidationFailed, "Unknown timezone",
		"Send a name of the IANA time zone database, such as America/Chicago; UTC offsets " +
			"and abbreviations are not accepted."},
	{RuleTimestamp, codeValidationFailed, "Invalid format",
		"Send an RFC 3339 timestamp with its offset, such as 2024-01-02T03:04:05Z."},
	{RuleUUID, codeValidationFailed, "Invalid format",
		"Send a version 4 UUID, such as 919108f7-52d1-4320-9bac-f847db4148a8."},
	{RuleMeta, codeValidationFailed, "Invalid metadata",
		"Correct this value: it breaks a rule for meta_public."},
	{RuleStale, codeStaleUpdate, "Contact has changed",
		"The contact was updated after the version you sent: load it again and apply your " +
			"change to it."},
	{RuleImmutable, codeValidationFailed, "Field cannot change",
		"Leave this field out or send its stored value: it never changes."},
	{RuleMismatch, codeValidationFailed, "Ids differ",
		"Leave the id out or send the id of the path."},
	{RulePrecondition, codePreconditionFailed, "Precondition failed",
		"The contact is not in the version that the header asks for: load it again and apply " +
			"your change to it."},
	{RuleSize, codeValidationFailed, "Value too large",
		"Remove members from meta_public: merged with what is stored, it is too large."},
	{RuleTruncated, codeValidationFailed, "More errors",
		"Correct the errors listed and send again: there are more."},
	{RuleUnknown, codeValidationFailed, "Unknown field",
		"Remove this member or correct its name: a contact has no such field."},
	{RuleDuplicate, codeValidationFailed, "Duplicate member",
		"Send this member once: it came before in the same object."},
	{RuleScope, codeScopeMissing, "Required scope not present",
		"Use a token that has the required scope."},
	{RuleMediaType, codeUnsupportedMediaType, "Unsupported media type",
		"Send the body as application/json or application/merge-patch+json."},
	{RuleIdempotencyKey, codeValidationFailed, "Invalid idempotency key",
		"Send a version 4 UUID as Idempotency-Key, or leave the header out."},
	{RuleDepth, codeMalformedJSON, "Nested too deeply",
		"Arrays and objects are nested too deeply here."},
	{RuleSyntax, codeMalformedJSON, "Malformed JSON", "Send well-formed JSON."},
}

// A message is a detail that an error has in place of the one of its rule.
type message uint8

const (
	messageOptional message = iota
	messageUTF8
	messageFlag
	messageNoValue
	messageUnrepresentable
	messageReplace
	messageAnyKey
	messageCoding
	messageDocument
	messageLostPrecision
	messageLastVersion
)

// messages has the key of each message, by which translations find it, and its English text. A key
// begins with the rule.
var messages = [...]struct{ key, text string }{
	messageOptional: {"null.optional",
		"Send a value or leave the field out: null clears a field only in a patch."},
	messageUTF8:    {"type.utf8", "Send text that is valid UTF-8."},
	messageFlag:    {"type.text", "Write true or false."},
	messageNoValue: {"syntax.none", "The value is empty: send a JSON value."},
	messageUnrepresentable: {"meta.null",
		"Remove this member or give it another value: a merge patch " +
			"cannot set a member to null."},
	messageReplace: {"meta.replace",
		"Send the two patches one after the other: " +
			"no merge patch replaces a member by an object."},
	messageAnyKey: {"key.any", "Send 1 to 128 visible ASCII characters as Idempotency-Key, " +
		"or leave the header out."},
	messageCoding: {"media_type.coding", "Send the body as it is, without a content coding."},
	messageDocument: {"size.document",
		"Send shorter values: merged with what is stored, the contact is too large."},
	messageLostPrecision: {"stale.precision",
		"Send updated_at with all its digits, as it was read: it " +
			"differs from the stored version only below the millisecond."},
	messageLastVersion: {"timestamp.last",
		"Store an earlier updated_at: no version can follow this one, so no update can succeed."},
}

func (m message) text() string { return messages[m].text }

// typeDetails holds, for each kind, the sentence on its JSON type.
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

// info returns the row of the rule, or customRule for a rule of a service's own.
//
//go:noinline
func (r Rule) info() *ruleInfo {
	for i := range rules {
		if rules[i].rule == r {
			return &rules[i]
		}
	}
	return &customRule
}

var customRule = ruleInfo{code: codeValidationFailed, title: "Invalid value"}
