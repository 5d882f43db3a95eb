// Package golden compares the output of tests with files of the repository. If the environment
// variable GOLDEN is "write", it writes the files instead.
package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Writing reports whether the golden files are to be written instead of compared.
func Writing() bool { return os.Getenv("GOLDEN") == "write" }

// Check fails the test if the content of file is not got. The message lists the lines that differ
// and the command that rewrites the file.
func Check(t testing.TB, file, got string) {
	t.Helper()
	if Writing() {
		if err := write(file, got); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not current. If the change is meant: GOLDEN=write go test ./...\n%s", file, Diff(string(want), got))
	}
}

func write(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// most is the largest number of pairs of lines for which Diff looks for common lines.
const most = 1 << 22

// Diff returns the lines that differ, each with its number and a sign: minus for a line only in want,
// plus for one only in got.
func Diff(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	a, b = a[start:], b[start:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	// common[i][j] is the number of lines that a[i:] and b[j:] have in common.
	common := make([][]int, len(a)+1)
	if len(a)*len(b) <= most {
		for i := len(a); i >= 0; i-- {
			common[i] = make([]int, len(b)+1)
			for j := len(b) - 1; j >= 0 && i < len(a); j-- {
				if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
					common[i][j] = common[i+1][j+1] + 1
				}
			}
		}
	}
	var out strings.Builder
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j] && common[i] != nil:
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i] == nil || common[i+1][j] >= common[i][j+1]):
			fmt.Fprintf(&out, "%5d - %s\n", start+i+1, a[i])
			i++
		default:
			fmt.Fprintf(&out, "%5d + %s\n", start+j+1, b[j])
			j++
		}
	}
	return out.String()
}
