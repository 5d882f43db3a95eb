package compare

import (
	"time"

	"github.com/partner-contacts/contact"
)

// Library is this library.
func Library(stored, body []byte, now time.Time) ([]byte, error) {
	merged, _, err := contact.AppendMerge(nil, stored, body, now)
	return merged, err
}
