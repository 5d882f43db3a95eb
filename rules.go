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
