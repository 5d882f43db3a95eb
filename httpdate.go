//go:build !wasm

package contact

import "time"

// parseHTTPDate reads the three forms of a date in HTTP (RFC 9110 §5.6.7); the zero time is none.
func parseHTTPDate(s string) time.Time {
	for _, form := range [...]string{
		"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", "Mon Jan _2 15:04:05 2006",
	} {
		if t, err := time.Parse(form, trimSpace(s)); err == nil {
			return t
		}
	}
	return time.Time{}
}
