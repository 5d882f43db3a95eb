package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDiff(t *testing.T) {
	lines := func(n int, line string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, line+"\n", i)
		}
		return b.String()
	}
	for _, c := range []struct{ name, want, got, diff string }{
		{"same", "a\nb\n", "a\nb\n", ""},
		{"a line comes", "a\nc\n", "a\nb\nc\n", "    2 + b\n"},
		{"a line goes", "a\nb\nc\n", "a\nc\n", "    2 - b\n"},
		{"a line changes", "a\nb\nc\n", "a\nx\nc\n", "    2 - b\n    2 + x\n"},
		{"two changes", "a\nb\nc\nd\n", "x\nb\nc\ny\n", "    1 - a\n    1 + x\n    4 - d\n    4 + y\n"},
		{"no file", "", "a\n", "    1 + a\n"},
		{"no last line break", "a\n", "a", "    2 - \n"},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.diff, Diff(c.want, c.got)) })
	}
	t.Run("too many lines", func(t *testing.T) {
		diff := Diff(lines(3000, "old %d"), lines(3000, "new %d"))
		require.Equal(t, 6000, strings.Count(diff, "\n"))
		require.True(t, strings.HasPrefix(diff, "    1 - old 0\n"))
	})
}

// A recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.failed = fmt.Sprintf(format, args...) }

func TestCheck(t *testing.T) {
	file := filepath.Join(t.TempDir(), "folder", "file.golden")
	check := func(text string) string {
		r := &recorder{TB: t}
		Check(r, file, text)
		return r.failed
	}
	t.Setenv("GOLDEN", "")
	require.Contains(t, check("a\nb"), "GOLDEN=write go test ./...\n    1 - \n    1 + a\n    2 + b\n")
	t.Setenv("GOLDEN", "write")
	require.Empty(t, check("a\nb"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "a\nb", string(text))
	t.Setenv("GOLDEN", "")
	require.Empty(t, check("a\nb"))
	require.Contains(t, check("a\nc"), "    2 - b\n    2 + c\n")
}
