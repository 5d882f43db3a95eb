package handlers

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/singles"
)

// TestColumns holds chi over typed columns in SQLite to the contract.
func TestColumns(t *testing.T) {
	store := SQLite(open(t, "sqlite", ":memory:?_time_format=sqlite"))
	put := table(t, store)
	contacttest.TestHandler(t, contacttest.Target{
		Handler: Chi(handlerOf(store)), Put: put, Versions: true,
		Authorize: func(r *http.Request, scopes ...string) { r.Header.Set("X-Scopes", strings.Join(scopes, " ")) },
	})
	writesChanged(t, store, put)

	file := SQLite(openMany(t, "sqlite", filepath.Join(t.TempDir(), "contacts.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_time_format=sqlite"))
	losesNothing(t, file, table(t, file))
}

// TestPostgresColumns: PostgreSQL's types hold what the contract allows, but for U+0000 and the year 0,
// which are refused, all others stored; so TestHandler would be told of a departure.
func TestPostgresColumns(t *testing.T) {
	store := Postgres(open(t, "pgx", postgres(t)))
	put := table(t, store)
	handler := Chi(handlerOf(store))
	sample, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := put(sample)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for body := range singles.All() {
		patch, err := contact.ParsePatch(body)
		if err != nil {
			continue
		}
		want, _, err := contact.Merge(stored, patch, time.Now())
		if err != nil {
			continue
		}
		if stored, err = put(stored); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPatch, path+stored.ID.String(), bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Scopes", contact.ScopeUpdate)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		text, err := store.Load(t.Context(), stored.ID)
		if err != nil {
			t.Fatal(err)
		}
		now, err := contact.ParseStored(text)
		if err != nil {
			t.Fatal(err)
		}
		want.UpdatedAt = now.UpdatedAt // the handler's clock
		if want.LastSeenAt != nil {
			*want.LastSeenAt = want.LastSeenAt.Truncate(time.Microsecond)
		}
		switch {
		case w.Code == http.StatusOK && bytes.Equal(text, want.AppendJSON(nil)):
		case w.Code == http.StatusUnprocessableEntity && strings.Contains(w.Body.String(), "not_storable") && bytes.Equal(text, stored.AppendJSON(nil)):
			refused++
		default:
			t.Errorf("%s: %d %s, stored is %s", body, w.Code, w.Body, text)
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
	writesChanged(t, store, put)
	store.DB.SetMaxOpenConns(0)
	losesNothing(t, store, put)
}

func handlerOf(store contacthttp.Store) *contacthttp.Handler {
	return &contacthttp.Handler{Store: store, Authenticate: func(r *http.Request) (context.Context, []string, error) {
		return r.Context(), strings.Fields(r.Header.Get("X-Scopes")), nil
	}}
}

func open(t *testing.T, driver, address string) *sql.DB {
	db := openMany(t, driver, address)
	db.SetMaxOpenConns(1) // a database in memory is one connection's
	return db
}

// openMany opens a database that takes many connections.
func openMany(t *testing.T, driver, address string) *sql.DB {
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// table makes the table, and returns what puts a contact into it as the only one.
func table(t *testing.T, store *Columns) func(*contact.Contact) (*contact.Contact, error) {
	if err := store.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	return func(c *contact.Contact) (*contact.Contact, error) {
		if _, err := store.DB.ExecContext(t.Context(), "DELETE FROM contacts"); err != nil {
			return nil, err
		}
		if err := store.Insert(t.Context(), c); err != nil {
			return nil, err
		}
		document, err := store.Load(t.Context(), c.ID)
		if err != nil {
			return nil, err
		}
		return contact.ParseStored(document)
	}
}

// writesChanged: an update writes the columns that it changes and no others, and comes too late for an
// old version.
func writesChanged(t *testing.T, store *Columns, put func(*contact.Contact) (*contact.Contact, error)) {
	sample, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := put(sample)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.DB.ExecContext(t.Context(), "UPDATE contacts SET county = 'as it was'"); err != nil {
		t.Fatal(err)
	}
	merged := stored.Clone() // of what was loaded before
	merged.City, merged.Birthdate, merged.UpdatedAt = stored.NameFirst, nil, stored.UpdatedAt.Add(time.Second)
	change := contacthttp.Revision{
		ID: stored.ID, Seen: stored.UpdatedAt, Document: merged.AppendJSON(nil),
		Changed: contact.FieldsOf(contact.FieldCity, contact.FieldBirthdate, contact.FieldUpdatedAt),
	}
	if err := store.Save(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	text, err := store.Load(t.Context(), stored.ID)
	if err != nil {
		t.Fatal(err)
	}
	read, err := contact.ParseStored(text)
	if err != nil || *read.City != *merged.City || *read.County != "as it was" || read.Birthdate != nil {
		t.Errorf("%v %s", err, text)
	}
	if err := store.Save(t.Context(), change); !errors.Is(err, contacthttp.ErrConflict) {
		t.Errorf("an old version: %v", err)
	}
	newer := sample.Clone()
	newer.UnknownMembers = `{"language":"no"}`
	if err := store.Insert(t.Context(), newer); err == nil {
		t.Error("members without a column were dropped")
	}
	if _, err := store.Load(t.Context(), contact.ID{1}); !errors.Is(err, contacthttp.ErrNotFound) {
		t.Errorf("no contact: %v", err)
	}
}

// losesNothing: of writers that meet each other none is told of a fault of the service, and what each of
// them was told is stored, the member of meta_public that another wrote at the same time with it.
func losesNothing(t *testing.T, store *Columns, put func(*contact.Contact) (*contact.Contact, error)) {
	sample, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put(sample); err != nil {
		t.Fatal(err)
	}
	const writers, updates = 64, 4
	handler := Chi(handlerOf(store))
	var busy atomic.Int64
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for n := 1; n <= updates; {
				r := httptest.NewRequest(http.MethodPatch, path+sample.ID.String(),
					strings.NewReader(fmt.Sprintf(`{"meta_public":{"writer %d":%d}}`, writer, n)))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("X-Scopes", contact.ScopeUpdate)
				w := httptest.NewRecorder()
				switch handler.ServeHTTP(w, r); w.Code {
				case http.StatusOK:
					n++
				case http.StatusServiceUnavailable: // others were faster, time and again: Retry-After
					busy.Add(1)
				default:
					t.Errorf("writer %d: %d %s", writer, w.Code, w.Body)
					return
				}
			}
		})
	}
	all.Wait()
	t.Log("asked to come again:", busy.Load())
	text, err := store.Load(t.Context(), sample.ID)
	if err != nil {
		t.Fatal(err)
	}
	for writer := range writers {
		if member := fmt.Sprintf(`"writer %d":%d`, writer, updates); !strings.Contains(string(text), member) {
			t.Errorf("%s is not stored: %s", member, text)
		}
	}
}

// TestPage: docs/handlers.md shows this store.
func TestPage(t *testing.T) {
	source, err := os.ReadFile("columns.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/handlers.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```go\n"+string(source)+"```\n") {
		t.Error("docs/handlers.md shows another store than columns.go")
	}
}
