package contacthttp

import "github.com/partner-contacts/contact/internal/scope"

// HasScope reports whether one of the scopes of a token covers the required one, segment by segment:
// partner:*:write covers partner:contacts:write. A malformed scope covers nothing.
func HasScope(scopes []string, required string) bool { return scope.Covers(scopes, required) }
