//go:build contact_small

package contact

import "time"

// A Condition is what a request makes its method depend on. The small build has none: a browser judges
// what it sends, and the conditions are the server's to check.
type Condition struct{}

// ParseCondition returns the Condition.
func ParseCondition(ifMatch, ifNoneMatch, ifUnmodifiedSince string) Condition { return Condition{} }

// Check returns nil: there is no condition.
func (Condition) Check(time.Time) error { return nil }
