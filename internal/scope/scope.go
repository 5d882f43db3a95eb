// Package scope compares the scopes of tokens.
package scope

import "strings"

// The scopes of the API that a request for a contact requires.
const (
	Read   = "partner:contacts:read"
	Update = "partner:contacts:write"
)

// Covers reports whether one of the scopes covers the required one, segment by segment. A segment *
// covers any. A scope with more or fewer segments than required covers nothing.
func Covers(scopes []string, required string) bool {
	for _, scope := range scopes {
		if covers(scope, required) {
			return true
		}
	}
	return false
}

func covers(scope, required string) bool {
	for {
		have, restHave, moreHave := strings.Cut(scope, ":")
		want, restWant, moreWant := strings.Cut(required, ":")
		if have != want && have != "*" || moreHave != moreWant {
			return false
		}
		if !moreHave {
			return true
		}
		scope, required = restHave, restWant
	}
}
