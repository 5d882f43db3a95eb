package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
)

func TestMain(m *testing.M) {
	beam.Init()
	os.Exit(m.Run())
}

// command runs the command line of the library.
func command(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "./cmd/contact"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	// Status 1 says that something was refused.
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("%v: %v", cmd, err)
	}
	return out
}

func sorted(text []byte) []string {
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	slices.Sort(lines)
	return lines
}

// TestLikeTheCommand: on the sample's contacts, with patches of which some are refused, some for no
// contact, and several for one, the pipeline and contact merge --ndjson write the same lines.
func TestLikeTheCommand(t *testing.T) {
	const now = "2026-11-25T12:00:00Z"
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	contacts := command(t, "sample", "--lines", "2000")
	// A member of another version, which is not the id.
	contacts = bytes.Replace(contacts, []byte("}\n"), []byte(",\"Id\":\"919108f7-52d1-4320-9bac-f847db4148a8\"}\n"), 500)
	patches := slices.Concat(
		command(t, "sample", "--lines", "2500", "--patches", "3000", "--shuffle"),
		command(t, "sample", "--lines", "2000", "--patches", "1000", "--seed", "0", "--invalid-every", "7"),
		[]byte(`{"city":"Cicero"}`+"\n"+`{"id":7}`+"\n"),
	)
	var numbered bytes.Buffer
	for i, line := range bytes.Split(bytes.TrimSuffix(patches, []byte("\n")), []byte("\n")) {
		fmt.Fprintf(&numbered, `{"sequence":%d,"patch":%s}`+"\n", i+1, line)
	}
	contactsFile := file("contacts", contacts)
	wantRejects := filepath.Join(dir, "want-rejects")
	want := command(t, "merge", "--ndjson", "--now", now, "--rejects", wantRejects, contactsFile, file("patches", patches))

	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	const shards = 3
	p, s := beam.NewPipelineWithRoot()
	merged, rejects := filepath.Join(dir, "merged"), filepath.Join(dir, "rejects")
	build(s, contactsFile, file("numbered", numbered.Bytes()), merged, rejects, shards, at)
	result, err := prism.Execute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	for i := range shards {
		got = append(got, read(t, fmt.Sprintf("%s-%05d-of-%05d", merged, i, shards))...)
	}
	compare(t, "merged", sorted(want), sorted(got))
	compare(t, "rejects", sorted(read(t, wantRejects)), sorted(read(t, rejects)))

	counts := map[string]int64{}
	for _, c := range result.Metrics().AllMetrics().Counters() {
		if c.Namespace() == namespace {
			counts[c.Name()] += c.Result()
		}
	}
	names := slices.Sorted(maps.Keys(counts))
	if fmt.Sprint(names) != "[changed refused unchanged]" || counts["changed"]+counts["unchanged"] != 2000 {
		t.Errorf("the counters: %v", counts)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func compare(t *testing.T, what string, want, got []string) {
	t.Helper()
	if len(want) < 100 || len(want) != len(got) {
		t.Errorf("%s: want %d lines, got %d", what, len(want), len(got))
	}
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("%s: want\n%s\ngot\n%s", what, want[i], got[i])
		}
	}
}
