package contact

// A Code is what the API tells a client about an error, for programs.
type Code string

// The codes, with the HTTP status of each.
const (
	CodeValidationFailed     Code = "validation_failed"      // 422; 400 of a parameter or header
	CodeMalformedJSON        Code = "malformed_json"         // 400
	CodeUnsupportedMediaType Code = "unsupported_media_type" // 415
	CodeBodyTooLarge         Code = "body_too_large"         // 413
	CodeScopeMissing         Code = "scope_missing"          // 401
	CodeStaleUpdate          Code = "stale_update"           // 409
	CodePreconditionFailed   Code = "precondition_failed"    // 412
)

// codes has the HTTP status of each code. Of several errors the first code in the table decides;
// see [Errors.Status].
var codes = [...]struct {
	code   Code
	status int
}{
	{CodeScopeMissing, 401},
	{CodeBodyTooLarge, 413},
	{CodeUnsupportedMediaType, 415},
	{CodeMalformedJSON, statusBadRequest},
	{CodeValidationFailed, statusUnprocessable},
	{CodeStaleUpdate, 409},
	{CodePreconditionFailed, 412},
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
	RuleSyntax         Rule = "syntax"     // the body is not JSON as RFC 8259 and RFC 7493 have it
	RuleSize           Rule = "size"       // the body, or what is merged, is too large
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
	RuleStale          Rule = "stale"      // updated_at is not the stored one: somebody else was faster
	RuleMeta           Rule = "meta"       // meta_public breaks a rule of the team's own
	RuleTruncated      Rule = "truncated"  // there are more errors than are listed
	RuleScope          Rule = "scope"      // the token lacks the scope
	RuleMediaType      Rule = "media_type" // the body is not of an accepted media type
	RuleIdempotencyKey Rule = "key"        // the idempotency key is not in order

	// RulePrecondition is a condition of the request that the stored contact does not meet.
	RulePrecondition Rule = "precondition"
)

// A ruleRow is what NewError says for a rule unless the caller knows better.
type ruleInfo struct {
	rule          Rule
	code          Code
	title, detail string
}

var rules = [...]ruleInfo{
	{RuleSyntax, CodeMalformedJSON, "Malformed JSON", "Send well-formed JSON."},
	{RuleSize, CodeValidationFailed, "Value too large",
		"Remove members from meta_public: merged with what is stored, it is too large."},
	{RuleDepth, CodeMalformedJSON, "Nested too deeply",
		"Arrays and objects are nested too deeply here."},
	{RuleRequired, CodeValidationFailed, "Field is required",
		"Send this field: every contact has it."},
	{RuleNull, CodeValidationFailed, "Field cannot be null",
		"Send a value: this field is required and cannot be cleared."},
	{RuleType, CodeValidationFailed, "Invalid type",
		"Send a value of the type that the field has."},
	{RuleEnum, CodeValidationFailed, "Invalid value",
		"Send one of the strings that this field allows."},
	{RuleUUID, CodeValidationFailed, "Invalid format",
		"Send a version 4 UUID, such as 919108f7-52d1-4320-9bac-f847db4148a8."},
	{RuleDate, CodeValidationFailed, "Invalid format",
		"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29."},
	{RuleTimestamp, CodeValidationFailed, "Invalid format",
		"Send an RFC 3339 timestamp with its offset, such as 2024-01-02T03:04:05Z."},
	{RuleTimezone, CodeValidationFailed, "Unknown timezone",
		"Send a name of the IANA time zone database, such as America/Chicago; UTC offsets " +
			"and abbreviations are not accepted."},
	{RuleUnknown, CodeValidationFailed, "Unknown field",
		"Remove this member or correct its name: a contact has no such field."},
	{RuleDuplicate, CodeValidationFailed, "Duplicate member",
		"Send this member once: it came before in the same object."},
	{RuleImmutable, CodeValidationFailed, "Field cannot change",
		"Leave this field out or send its stored value: it never changes."},
	{RuleMismatch, CodeValidationFailed, "Ids differ",
		"Leave the id out or send the id of the path."},
	{RuleStale, CodeStaleUpdate, "Contact has changed",
		"The contact was updated after the version you sent: load it again and apply your " +
			"change to it."},
	{RuleMeta, CodeValidationFailed, "Invalid metadata",
		"Correct this value: it breaks a rule for meta_public."},
	{RuleTruncated, CodeValidationFailed, "More errors",
		"Correct the errors listed and send again: there are more."},
	{RuleScope, CodeScopeMissing, "Required scope not present",
		"Use a token that has the required scope."},
	{RuleMediaType, CodeUnsupportedMediaType, "Unsupported media type",
		"Send the body as application/json or application/merge-patch+json."},
	{RuleIdempotencyKey, CodeValidationFailed, "Invalid idempotency key",
		"Send a version 4 UUID as Idempotency-Key, or leave the header out."},
	{RulePrecondition, CodePreconditionFailed, "Precondition failed",
		"The contact is not in the version that the header asks for: load it again and apply " +
			"your change to it."},
}

// row returns the rule's row, or for a rule of a team's own that of a rule without texts.
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

var customRule = ruleInfo{code: CodeValidationFailed, title: "Invalid value"}
