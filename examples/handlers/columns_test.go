package handlers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// TestColumns holds chi over typed columns in SQLite to the contract.
func TestColumns(t *testing.T) {
	store := SQLite(open(t, "sqlite", ":memory:?_time_format=sqlite"))
	put := table(t, store)
	contacttest.TestHandler(t, contacttest.Target{Handler: Chi(handlerOf(store)), Put: put, Get: true, Versions: true, Authorize: authorize})
	writesChanged(t, store, put)

	file := SQLite(openMany(t, "sqlite", filepath.Join(t.TempDir(), "contacts.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_time_format=sqlite"))
	losesNothing(t, handlerOf(file), file, table(t, file))
}

// TestPostgresColumns: the same on PostgreSQL, whose types hold what the contract allows but for U+0000
// and the year 0, and times to the microsecond.
func TestPostgresColumns(t *testing.T) {
	db := openMany(t, "pgx", postgres(t))
	store := Postgres(db)
	put := table(t, store)
	handler := handlerOf(store)
	handler.Check = contacthttp.CheckPostgresColumns
	handler.Options.TimestampResolution = time.Microsecond
	contacttest.TestHandler(t, contacttest.Target{
		Handler: Chi(handler), Put: put, Get: true, Versions: true, Authorize: authorize,
		Options: handler.Options, Unstorable: contacthttp.CheckPostgresColumns,
	})
	writesChanged(t, store, put)
	losesNothing(t, handler, store, put)

	// In a transaction of the caller's the update is the transaction's.
	sample, err := put(must(contact.ParseStored(contacttest.Sample())))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	inside := Postgres(tx)
	inside.Team = func(context.Context) contact.ID { return sample.TeamID }
	u, err := contact.ParseUpdate(contact.UpdateRequest{
		PathID: sample.ID.String(), Scopes: []string{contact.ScopeUpdate}, ContentType: "application/json", Body: []byte(`{"city":"Oslo"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := contacthttp.Apply(t.Context(), contacthttp.CompareAndSwap(inside), u, time.Now()); err != nil {
		t.Fatal(err)
	}
	inside.Team = func(context.Context) contact.ID { return contact.ID{1} }
	if _, err := inside.Load(t.Context(), sample.ID); !errors.Is(err, contacthttp.ErrNotFound) {
		t.Errorf("another team's contact: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if document, err := store.Load(t.Context(), sample.ID); err != nil || strings.Contains(string(document), "Oslo") {
		t.Errorf("%v %s", err, document)
	}
}

type teamKey struct{}

// TestPostgresDocuments holds a document in one column to the contract, with keys and two teams, for each
// type of the column.
func TestPostgresDocuments(t *testing.T) {
	address := postgres(t)
	for _, column := range []string{"text", "json", "jsonb"} {
		t.Run(column, func(t *testing.T) {
			pool, err := pgxpool.New(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if _, err := pool.Exec(t.Context(), "DROP TABLE IF EXISTS contacts, answers, audit"); err != nil {
				t.Fatal(err)
			}
			store := &Documents{Pool: pool, Team: func(ctx context.Context) contact.ID { return ctx.Value(teamKey{}).(contact.ID) }}
			if err := store.CreateTables(t.Context(), column); err != nil {
				t.Fatal(err)
			}
			sample := must(contact.ParseStored(contacttest.Sample()))
			handler := &contacthttp.Handler{Store: store, Authenticate: func(r *http.Request) (context.Context, []string, error) {
				team, err := contact.ParseID(r.Header.Get("X-Team"))
				return context.WithValue(r.Context(), teamKey{}, team), strings.Fields(r.Header.Get("X-Scopes")), err
			}}
			as := func(team contact.ID) func(*http.Request, ...string) {
				return func(r *http.Request, scopes ...string) {
					r.Header.Set("X-Team", team.String())
					authorize(r, scopes...)
				}
			}
			target := contacttest.Target{
				Handler: Chi(handler), Get: true, Keys: true, Versions: true,
				Authorize: as(sample.TeamID), OtherTeam: as(contact.ID{0: 1, 6: 0x40, 8: 0x80}),
				Put: func(c *contact.Contact) (*contact.Contact, error) {
					if _, err := pool.Exec(t.Context(), "DELETE FROM contacts"); err != nil {
						return nil, err
					}
					_, err := pool.Exec(t.Context(), "INSERT INTO contacts VALUES ($1, $2, $3, $4)", c.ID, c.TeamID, c.UpdatedAt, string(c.AppendJSON(nil)))
					return c, err
				},
				Delete: func(id contact.ID) error {
					_, err := pool.Exec(t.Context(), "DELETE FROM contacts WHERE id = $1", id)
					return err
				},
			}
			if column == "jsonb" {
				handler.Check, target.Unstorable = contacthttp.CheckJSONB, contacthttp.CheckJSONB
			}
			contacttest.TestHandler(t, target)

			ctx := context.WithValue(t.Context(), teamKey{}, sample.TeamID)
			if _, err := target.Put(sample); err != nil {
				t.Fatal(err)
			}
			u, err := contact.ParseUpdate(contact.UpdateRequest{
				PathID: sample.ID.String(), Scopes: []string{contact.ScopeUpdate}, ContentType: "application/json", Body: []byte(`{"city":"Oslo"}`),
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := contacthttp.Apply(ctx, store, u, time.Now()); err != nil {
				t.Fatal(err)
			}
			var changed string
			if err := pool.QueryRow(ctx, "SELECT changed FROM audit").Scan(&changed); err != nil || changed != "city,updated_at" {
				t.Errorf("%v %s", err, changed)
			}
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func authorize(r *http.Request, scopes ...string) {
	r.Header.Set("X-Scopes", strings.Join(scopes, " "))
}

func handlerOf(store contacthttp.VersionedStore) *contacthttp.Handler {
	return &contacthttp.Handler{
		Store: contacthttp.CompareAndSwap(store),
		Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return r.Context(), strings.Fields(r.Header.Get("X-Scopes")), nil
		},
	}
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
		ID: stored.ID, PreviousVersion: stored.UpdatedAt, Document: merged.AppendJSON(nil),
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
func losesNothing(t *testing.T, h *contacthttp.Handler, store *Columns, put func(*contact.Contact) (*contact.Contact, error)) {
	sample, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put(sample); err != nil {
		t.Fatal(err)
	}
	const writers, updates = 64, 4
	handler := Chi(h)
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
