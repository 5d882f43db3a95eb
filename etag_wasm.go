package contact

// A Condition is what a request makes its method depend on. A WASM build has none: a browser judges
// what it sends, and the conditions are the server's to check.
type Condition struct{}

// ParseCondition returns the Condition.
func ParseCondition(ifMatch, ifNoneMatch, ifUnmodifiedSince string) Condition { return Condition{} }
