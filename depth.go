//go:build !wasm

package contact

import (
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
)

// tooDeep reports whether more than most brackets are open somewhere in an object, and where. What
// a reader let in is not; what a program made may be.
func tooDeep(object string, most int) (at int, deep bool) {
	if strings.Count(object, "{")+strings.Count(object, "[") <= most {
		return 0, false // as good as always
	}
	var s scan.Scanner
	s.Init(object, most, 1)
	s.Skip()
	_, at = s.Fault()
	return at, !s.OK()
}
