package stream_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// A store is a database with the sample contact, and the program that merges into it.
type store struct {
	t       *testing.T
	folder  string
	program string
	db      *sql.DB
	id      string
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{t: t, folder: t.TempDir()}
	s.program = filepath.Join(s.folder, "merge")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.program, "./run").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	db, err := sql.Open("sqlite", filepath.Join(s.folder, "contacts.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s.db = db
	if out, err := exec.CommandContext(t.Context(), "go", "run", "./run/sample", filepath.Join(s.folder, "contacts.db")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := db.QueryRowContext(t.Context(), `SELECT id FROM contacts`).Scan(&s.id); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *store) exec(query string, args ...any) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatal(err)
	}
}

// merge runs merge.yaml on patches, and returns what it prints and what is refused.
func (s *store) merge(patches ...string) (merged string, refused []map[string]any) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute) // a message that fails is read again for ever
	defer cancel()
	cmd := exec.CommandContext(ctx, s.program, "-c", "merge.yaml")
	rejects := filepath.Join(s.folder, "refused.ndjson")
	cmd.Env = append(os.Environ(), "DSN=file:"+filepath.Join(s.folder, "contacts.db")+"?_pragma=busy_timeout(5000)", "REFUSED="+rejects)
	cmd.Stdin = strings.NewReader(strings.Join(patches, "\n") + "\n")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%v\n%s%s", err, out, errs.String())
	}
	text, _ := os.ReadFile(rejects) // there is none if nothing is refused
	for line := range bytes.Lines(text) {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		refused = append(refused, record)
	}
	if errs.Len() > 0 {
		s.t.Logf("%s", errs.String())
	}
	return string(out), refused
}

func (s *store) document() (document, version string) {
	s.t.Helper()
	if err := s.db.QueryRowContext(s.t.Context(), `SELECT document, updated_at FROM contacts WHERE id = ?`, s.id).Scan(&document, &version); err != nil {
		s.t.Fatal(err)
	}
	return document, version
}

// TestMerge: patches are merged and saved, numbers digit for digit, and those that are refused go
// where the configuration routes them.
func TestMerge(t *testing.T) {
	s := newStore(t)
	merged, refused := s.merge(
		`{"id":"`+s.id+`","city":"Oak Park","meta_public":{"score":13.50,"big":9007199254740993}}`,
		`{"id":"`+s.id+`","sms_opted_in":"yes","birthdate":"1990-02-30"}`,
		`{"id":"`+s.id+`","updated_at":"2020-01-01T00:00:00Z","city":"x"}`,
		`{"id":"919108f7-52d1-4320-9bac-f847db4148a8","city":"x"}`,
		`{"city":"x"}`,
		`{"id":"`+strings.ToUpper(s.id)+`","address2":null}`,
		`{"id":"`+s.id+`"}`,
	)
	lines := strings.Split(strings.TrimSpace(merged), "\n")
	document, version := s.document()
	if len(lines) != 3 || lines[1] != document || lines[2] != document {
		t.Errorf("merged %d lines:\n%s\nstored:\n%s", len(lines), merged, document)
	}
	for _, want := range []string{`"city":"Oak Park"`, `"score":13.50`, `"big":9007199254740993`, `"updated_at":"` + version + `"`} {
		if !strings.Contains(document, want) {
			t.Errorf("%s is not in %s", want, document)
		}
	}
	if strings.Contains(document, `"address2"`) {
		t.Errorf("address2 is in %s", document)
	}
	want := []string{"422 date,type", "409 stale", "404 not_found", "404 not_found"}
	if len(refused) != len(want) {
		t.Fatalf("refused: %v", refused)
	}
	for i, record := range refused {
		var rules []string
		for _, rule := range record["rules"].([]any) {
			rules = append(rules, rule.(string))
		}
		got, _ := json.Marshal(record["status"])
		if text := string(got) + " " + strings.Join(rules, ","); text != want[i] {
			t.Errorf("refusal %d is %s, want %s", i, text, want[i])
		}
		if !strings.HasPrefix(record["patch"].(string), "{") {
			t.Errorf("refusal %d has no patch", i)
		}
	}
	if errs := refused[0]["errors"].([]any); len(errs) != 2 {
		t.Errorf("errors: %v", errs)
	}
}

// TestConflict: a version that another writer has changed in between keeps a save from happening, and
// load, merge and save are done anew.
func TestConflict(t *testing.T) {
	s := newStore(t)
	// The other writer is faster twice: its change comes before the update that would lose it.
	s.exec(`CREATE TABLE others (n INTEGER)`)
	s.exec(`CREATE TRIGGER faster BEFORE UPDATE ON contacts WHEN (SELECT count(*) FROM others) < 2 AND new.updated_at NOT LIKE '2026-06%' BEGIN
		INSERT INTO others VALUES (1);
		UPDATE contacts SET updated_at = '2026-06-0' || (SELECT count(*) FROM others) || 'T00:00:00Z',
			document = json_set(document, '$.updated_at', '2026-06-0' || (SELECT count(*) FROM others) || 'T00:00:00Z', '$.county', 'other')
			WHERE id = old.id;
		SELECT raise(IGNORE);
	END`)
	merged, refused := s.merge(`{"id":"` + s.id + `","city":"Oak Park"}`)
	document, _ := s.document()
	if strings.TrimSpace(merged) != document || len(refused) > 0 {
		t.Errorf("merged %s, refused %v, stored %s", merged, refused, document)
	}
	for _, want := range []string{`"city":"Oak Park"`, `"county":"other"`} {
		if !strings.Contains(document, want) {
			t.Errorf("%s is not in %s", want, document)
		}
	}
	var n int
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM others`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d conflicts, %v", n, err)
	}
}

// TestReadme runs the example of the README.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(readme), "```sh\n")
	script, _, _ = strings.Cut(script, "```")
	out, err := exec.CommandContext(t.Context(), "sh", "-ec", script).CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"city":"Oak Park"`) || !strings.Contains(string(out), `"rules":["type"]`) {
		t.Fatalf("%v\n%s", err, out)
	}
}
