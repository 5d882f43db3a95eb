//go:build !wasip1

// The test starts the go command, which a program for WASI cannot.

package tzdb_test

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/partner-contacts/contact/internal/tzdb"
)

// addedSince names what tzdb has gained of late. A Go distribution whose tzdb is older than the
// version lacks the name. tzdb takes no name away, so the other way round there is nothing to list.
var addedSince = []struct{ name, version, why string }{
	{"America/Coyhaique", "2025b", "Aysén Region of Chile left Santiago's time on 2025-03-20"},
}

// TestGoDistributionHasTheSameNames holds the list against another copy of tzdb, compiled by other
// people: the lib/time/zoneinfo.zip of the Go distribution that runs the test. If its tzdb has
// another version than ours, the newer of the two may have more names: ours those of addedSince,
// the other any.
func TestGoDistributionHasTheSameNames(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "lib", "time")
	archive, err := zip.OpenReader(filepath.Join(folder, "zoneinfo.zip"))
	if err != nil {
		t.Fatalf("this test needs the zoneinfo.zip of the Go distribution: %v", err)
	}
	defer archive.Close()
	script, err := os.ReadFile(filepath.Join(folder, "update.bash"))
	if err != nil {
		t.Fatalf("this test needs the update.bash that says the version of zoneinfo.zip: %v", err)
	}
	m := regexp.MustCompile(`(?m)^DATA=(\d{4}[a-z]+)$`).FindSubmatch(script)
	if m == nil {
		t.Fatal("update.bash says no DATA= version")
	}
	version := string(m[1])

	theirs := map[string]bool{}
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/") && file.Name != "Factory" {
			theirs[file.Name] = true
		}
	}
	younger := map[string]bool{}
	for _, added := range addedSince {
		younger[added.name] = added.version > version
	}
	for _, name := range listed {
		if !theirs[name] && !younger[name] {
			t.Errorf("%q of tzdb %s is not in the Go distribution's tzdb %s", name, tzdb.Version, version)
		}
		delete(theirs, name)
	}
	for name := range theirs {
		if version <= tzdb.Version {
			t.Errorf("%q of the Go distribution's tzdb %s is not in tzdb %s", name, version, tzdb.Version)
		}
	}
}
