// Package row names the subtests of a table.
package row

import (
	"fmt"
	"strings"
)

// most is the length of a name in bytes.
const most = 60

// Name returns a name of at most 60 bytes for the subtest of a row, from a value that tells it from the
// other rows.
func Name(value any) string {
	if text, ok := value.([]byte); ok {
		value = string(text)
	}
	name := fmt.Sprint(value)
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most-len("...")], "") + "..."
	}
	return name
}
