package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/partner-contacts/contact/internal/tzdb"
)

func TestParse(t *testing.T) {
	version, names, err := parse(`# version 2026b
# This zic input file is in the public domain.
R d 1916 o - Jun 14 23s 1 S
Z Europe/Rome 0:49:56 - LMT 1866 D 12
0:49:56 - RMT 1893 O 31 23u
Zone	Africa/Algiers	0:12:12	-	LMT	1891 Mar 16
Z Factory 0 - -00
L Europe/Rome Europe/Vatican
Link	Africa/Algiers	Etc/Odd+1
`)
	want := []string{"Africa/Algiers", "Etc/Odd+1", "Europe/Rome", "Europe/Vatican"}
	if err != nil || version != "2026b" || !slices.Equal(names, want) {
		t.Errorf("%q %q %v", version, names, err)
	}
	for _, zi := range []string{
		"",
		"# version 2026b\n",
		"# version 2026b-dirty\nZ A 0 - A\n",
		"# version unknown\nZ A 0 - A\n",
		"# version 2026b\nZ A 0 - A\nL B A\n",
		"# version 2026b\nZ A\"B 0 - A\n",
		"# version 2026b\nZ ../A 0 - A\n",
	} {
		if _, _, err := parse(zi); err == nil {
			t.Errorf("parse took %q", zi)
		}
	}
}

// TestFilesAreGenerated proves that both files are what this program writes for their names: no edit by hand, no stale
// index, and the same bytes on every run.
func TestFilesAreGenerated(t *testing.T) {
	names := slices.Collect(tzdb.All())
	code, err := goFile(tzdb.Version, names)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{
		"../names.go":                          code,
		"../../../schema/timezone.schema.json": schemaFile(tzdb.Version, names),
	} {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what this program writes", path)
		}
	}
}

func TestTooMuchForTheIndex(t *testing.T) {
	many := make([]string, 800)
	for i := range many {
		many[i] = strings.Repeat("x", i%40+1)
	}
	for _, names := range [][]string{many, {strings.Repeat("x", 64)}} {
		if _, err := goFile("2026b", names); err == nil {
			t.Errorf("goFile took %d names", len(names))
		}
	}
}
