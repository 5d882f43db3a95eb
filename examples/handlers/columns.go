package handlers

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

// DB holds the methods of a database that Columns needs. *sql.DB and *sql.Tx implement it. In a transaction of the
// caller's, an audit table or an outbox is written together with the contact.
type DB interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Columns is a contacthttp.VersionedStore with a column for each field but type. Each column has the
// type of its field's kind. Save is one UPDATE whose WHERE names the version that was loaded, so it
// needs no transaction. contacthttp.CompareAndSwap makes a contacthttp.Store of it.
//
// It has no columns for members of UnknownMembers, which Insert refuses, and remembers no idempotency
// keys: they are checked, and not replayed. Documents is a store that replays them.
type Columns struct {
	DB    DB
	Team  func(context.Context) contact.ID // of the caller; nil: every contact is everybody's
	Types map[contact.Kind]string          // of the columns; text for a kind that is not in it
}

// SQLite is a store by modernc.org/sqlite, whose driver reads a column by its declared type. It keeps
// a time as text and compares the texts, so every program that writes updated_at must use UTC and this
// form. Open it with ?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_time_format=sqlite after the
// file's name: without the first two, writers that meet are answered with 500.
func SQLite(db DB) *Columns {
	return &Columns{DB: db, Types: map[contact.Kind]string{
		contact.KindDate: "date", contact.KindTimestamp: "timestamp", contact.KindBoolean: "boolean",
	}}
}

// Postgres is a store by github.com/jackc/pgx/v5/stdlib. Its handler needs
// Check: contacthttp.CheckPostgresColumns, and TimestampResolution: time.Microsecond in its Options.
func Postgres(db DB) *Columns {
	return &Columns{DB: db, Types: map[contact.Kind]string{
		contact.KindID: "uuid", contact.KindDate: "date", contact.KindTimestamp: "timestamptz",
		contact.KindBoolean: "boolean", contact.KindObject: "json", contact.KindIDs: "jsonb", contact.KindStrings: "json",
	}}
}

var columns = contact.AllFields &^ contact.FieldsOf(contact.FieldType)

// CreateTable makes the table: CREATE TABLE contacts (id uuid PRIMARY KEY, …, name_first text, …).
func (s *Columns) CreateTable(ctx context.Context) error {
	var definitions []string
	for f := range columns.All() {
		definition := f.String() + " " + cmp.Or(s.Types[f.Kind()], "text")
		switch {
		case f == contact.FieldID:
			definition += " PRIMARY KEY"
		case contact.RequiredFields.Has(f):
			definition += " NOT NULL"
		}
		definitions = append(definitions, definition)
	}
	_, err := s.DB.ExecContext(ctx, "CREATE TABLE contacts ("+strings.Join(definitions, ", ")+")")
	return err
}

// Insert writes a new contact.
func (s *Columns) Insert(ctx context.Context, c *contact.Contact) error {
	if len(c.UnknownMembers) > len("{}") {
		return errors.New("the contact has members for which there are no columns")
	}
	var q query
	var places []string
	for f := range columns.All() {
		places = append(places, q.add(column(c, f)))
	}
	_, err := s.DB.ExecContext(ctx, "INSERT INTO contacts ("+columns.String()+") VALUES ("+strings.Join(places, ", ")+")", q.values...)
	return err
}

// Load reads the row of a contact.
func (s *Columns) Load(ctx context.Context, id contact.ID) ([]byte, error) {
	var c contact.Contact
	var into []any
	for f := range columns.All() {
		into = append(into, c.Ptr(f))
	}
	var q query
	where := s.where(ctx, &q, id)
	row := s.DB.QueryRowContext(ctx, "SELECT "+columns.String()+" FROM contacts"+where, q.values...)
	if err := row.Scan(into...); errors.Is(err, sql.ErrNoRows) {
		return nil, contacthttp.ErrNotFound
	} else if err != nil {
		return nil, err
	}
	return c.AppendJSON(nil), nil
}

// Save writes the columns that an update changed, if the row still has the version that was loaded.
func (s *Columns) Save(ctx context.Context, r contacthttp.Revision) error {
	if r.Changed == 0 {
		return nil
	}
	c, err := contact.Options{MaxDepth: -1}.ParseStored(r.Document) // the handler's Options may allow more
	if err != nil {
		return err
	}
	var q query
	var set []string
	for f := range r.Changed.All() { // names of the library's table of fields, never a client's
		set = append(set, f.String()+" = "+q.add(column(c, f)))
	}
	where := s.where(ctx, &q, r.ID) + " AND updated_at = " + q.add(r.PreviousVersion.UTC())
	result, err := s.DB.ExecContext(ctx, "UPDATE contacts SET "+strings.Join(set, ", ")+where, q.values...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return contacthttp.ErrConflict
}

// where finds a contact among those of the caller.
func (s *Columns) where(ctx context.Context, q *query, id contact.ID) string {
	where := " WHERE id = " + q.add(id.String())
	if s.Team != nil {
		where += " AND team_id = " + q.add(s.Team(ctx).String())
	}
	return where
}

// A query collects the values of a statement.
type query struct{ values []any }

// add returns the placeholder of a value.
func (q *query) add(value any) string {
	q.values = append(q.values, value)
	return "$" + strconv.Itoa(len(q.values))
}

// column is the value of a field for its column: NULL if the contact lacks it.
func column(c *contact.Contact, f contact.Field) any {
	value, ok := c.Get(f)
	switch v := value.(type) {
	case contact.ID:
		return v.String()
	case time.Time:
		return v.UTC()
	default:
		if list(f) {
			return jsonColumn{value}
		}
		if !ok {
			return nil
		}
		return value // a string, a boolean, or a driver.Valuer: Date and Object
	}
}

func list(f contact.Field) bool {
	return f.Kind() == contact.KindIDs || f.Kind() == contact.KindStrings
}

// jsonColumn is a list in a column of JSON.
type jsonColumn struct{ list any }

// Value implements driver.Valuer.
func (j jsonColumn) Value() (driver.Value, error) {
	text, err := json.Marshal(j.list)
	return string(text), err
}
