package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// command runs the command line of the library and returns what it prints.
func command(t *testing.T, args ...string) []byte {
	t.Helper()
	return commandTo(t, io.Discard, args...)
}

func commandTo(t *testing.T, stderr io.Writer, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "./cmd/contact"}, args...)...)
	cmd.Dir, cmd.Stderr = "../..", stderr
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

// inputs writes the sample's contacts and patches of which some are refused, some for no contact and
// several for one, with everything that can be odd about lines.
func inputs(t *testing.T) (contacts, patches string) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	documents := command(t, "sample", "--lines", "2000")
	// A member of another version, which is not the id.
	documents = bytes.Replace(documents, []byte("}\n"), []byte(",\"Id\":\"919108f7-52d1-4320-9bac-f847db4148a8\"}\n"), 500)
	first, rest, _ := bytes.Cut(documents, []byte("\n"))
	documents = slices.Concat(first, []byte("\r\n\n \t\n[]\n"), first, []byte("\n"), rest)
	sets := slices.Concat(
		[]byte("{\r\n\n\r\n{\"city\":\n"),
		command(t, "sample", "--lines", "2500", "--patches", "3000", "--shuffle"),
		bytes.ReplaceAll(command(t, "sample", "--lines", "2000", "--patches", "1000", "--seed", "0", "--invalid-every", "7"), []byte("\n"), []byte("\r\n")),
		[]byte(`{"city":"Cicero"}`+"\n"+`{"id":7}`+"\n"+`{"id":"919108f7-52d1-4320-9bac-f847db4148a8","city":1,"x":2}`+"\n"),
		[]byte(`{"city":"`+strings.Repeat("x", 1<<20)+`"}`+"\nlast"),
	)
	return file("contacts", documents), file("patches", sets)
}

// runPipeline runs the pipeline on prism and returns what it writes, and its counters.
func runPipeline(t *testing.T, contacts, patches string, settings Settings) (merged, rejects []byte, counts map[string]int64) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, noon)
	if err != nil {
		t.Fatal(err)
	}
	const shards = 3
	dir := t.TempDir()
	p, s := beam.NewPipelineWithRoot()
	build(s, contacts, patches, filepath.Join(dir, "merged"), filepath.Join(dir, "rejects"), shards, at, settings)
	result, err := prism.Execute(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	for i := range shards {
		merged = append(merged, contents(t, fmt.Sprintf("%s/merged-%05d-of-%05d", dir, i, shards))...)
	}
	counts = map[string]int64{}
	for _, c := range result.Metrics().AllMetrics().Counters() {
		if c.Namespace() == namespace {
			counts[c.Name()] += c.Result()
		}
	}
	return merged, contents(t, filepath.Join(dir, "rejects")), counts
}

const noon = "2026-11-25T12:00:00Z"

// TestLikeTheCommand: the pipeline and contact merge --ndjson write the same lines, and count the same.
func TestLikeTheCommand(t *testing.T) {
	contacts, patches := inputs(t)
	for _, options := range []struct {
		flags    []string
		settings Settings
	}{{nil, Settings{}}, {[]string{"--ignore-unknown", "--resolution", "1s"}, Settings{IgnoreUnknown: true, VersionResolution: time.Second}}} {
		wantRejects, summary := filepath.Join(t.TempDir(), "rejects"), bytes.Buffer{}
		args := append([]string{"merge", "--ndjson", "--now", noon, "--rejects", wantRejects, contacts, patches}, options.flags...)
		want := commandTo(t, &summary, args...)
		merged, rejects, counts := runPipeline(t, contacts, patches, options.settings)
		compare(t, "merged", sorted(want), sorted(merged))
		compare(t, "rejects", sorted(contents(t, wantRejects)), sorted(rejects))
		var sum map[string]any
		_, last, _ := bytes.Cut(summary.Bytes(), []byte(`{"contacts"`))
		if err := json.NewDecoder(strings.NewReader(`{"contacts"` + string(last))).Decode(&sum); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"changed", "unchanged", "refused"} {
			if counts[name] == 0 || float64(counts[name]) != sum[name] {
				t.Errorf("%s: the pipeline counts %d, the command %v", name, counts[name], sum[name])
			}
		}
	}
}

// TestManyFiles: patches apply by the names of their files, and a reject names its file.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	const id = "919108f7-52d1-4320-9bac-f847db4148a8"
	for name, text := range map[string]string{
		"contacts-0": `{"id":"` + id + `","updated_at":"2026-01-01T00:00:00Z"}` + "\n", "contacts-1": "",
		"patches-0": `{"id":"` + id + `","city":"a"}` + "\n" + `{"id":"` + id + `","city":"b"}` + "\n",
		"patches-1": `{"id":"` + id + `","city":"c"}` + "\n{}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	merged, rejects, _ := runPipeline(t, dir+"/contacts-*", dir+"/patches-*", Settings{})
	if !bytes.Contains(merged, []byte(`"city":"c"`)) {
		t.Errorf("merged: %s", merged)
	}
	if want := `{"file":"` + dir + `/patches-1","line":2,"errors":`; !strings.HasPrefix(string(rejects), want) {
		t.Errorf("rejects: %s, want %s", rejects, want)
	}
}

// TestInOrder: more patches of one contact than are held at a time come in their order.
func TestInOrder(t *testing.T) {
	const n = 90
	var lines []Line
	for i := range n {
		lines = append(lines, Line{File: "f", Number: int64(i*37%n + 1), Text: make([]byte, 1<<20)})
	}
	i, want := 0, int64(1)
	err := inOrder(func(line *Line) bool {
		if i == n {
			return false
		}
		*line = lines[i]
		i++
		return true
	}, func(line Line) {
		if line.Number != want || line.File != "f" || len(line.Text) != 1<<20 {
			t.Fatalf("line %d, want %d", line.Number, want)
		}
		want++
	})
	if want != n+1 || err != nil {
		t.Errorf("%d lines, %v", want-1, err)
	}
}

// TestReadme runs the example of the README.
func TestReadme(t *testing.T) {
	_, script, _ := strings.Cut(string(contents(t, "README.md")), "```sh\n")
	script, _, _ = strings.Cut(script, "```")
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", script+"\ncat $folder/merged-* | wc -l")
	out, err := cmd.CombinedOutput()
	if lines := strings.Fields(string(out)); err != nil || lines[len(lines)-1] != "2000" {
		t.Fatalf("%v\n%s", err, out)
	}
}

func contents(t *testing.T, name string) []byte {
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
