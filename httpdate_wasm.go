package contact

import "time"

// parseHTTPDate reads none: no browser sends its form with If-Unmodified-Since, and time.Parse would
// make a WASM build 18 KB larger. A date that is none is ignored (RFC 9110 §13.1.4).
func parseHTTPDate(string) time.Time { return time.Time{} }
