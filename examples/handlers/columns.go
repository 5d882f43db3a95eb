package handlers

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

// Columns is a store with a column for each field but type, of the type that its kind has in the
// database.
//
// What a jsonb column does to meta_public: PostgreSQL keeps numbers as numeric, so 9007199254740993 and
// 1.50 keep their digits, but 1e400 is written out and -0 becomes 0; members lose their order and white
// space. A column of type json or text keeps all of it. A timestamptz keeps microseconds: enough for
// versions, which the library compares to the microsecond, but last_seen_at loses its nanoseconds.
//
// It has no columns for what a contact has in Unknown, which Insert refuses, and remembers no idempotency
// keys: they are judged, and not replayed, unless it is made a contacthttp.Replayer.
type Columns struct {
	DB          *sql.DB
	Types       map[contact.Kind]string // of the columns; text for a kind that is not there
	Placeholder func(n int) string      // the n-th of a statement

	// Unstorable says of a field's value what the database cannot hold in its column; nil: it holds all.
	Unstorable func(value any) string
}

// SQLite is a store by modernc.org/sqlite, whose driver reads a column by the type that it was declared
// with. It keeps a time as text and compares the texts: all that is written is in UTC, and what another
// program writes into updated_at has to be in the same form, or every update of the row is answered with
// 503. Open it with ?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_time_format=sqlite behind the
// file's name: without the first two some of many writers that meet are answered with 500, and without the
// last SQLite's own functions cannot read the times.
func SQLite(db *sql.DB) *Columns {
	return &Columns{
		DB: db,
		Types: map[contact.Kind]string{
			contact.KindDate: "date", contact.KindTimestamp: "timestamp", contact.KindBoolean: "boolean",
		},
		Placeholder: func(int) string { return "?" },
	}
}

// Postgres is a store by github.com/jackc/pgx/v5/stdlib.
func Postgres(db *sql.DB) *Columns {
	return &Columns{
		DB: db,
		Types: map[contact.Kind]string{
			contact.KindID: "uuid", contact.KindDate: "date", contact.KindTimestamp: "timestamptz",
			contact.KindBoolean: "boolean", contact.KindObject: "json", contact.KindIDs: "jsonb", contact.KindStrings: "json",
		},
		Placeholder: func(n int) string { return "$" + strconv.Itoa(n) },
		Unstorable:  notInPostgres,
	}
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
	var values []any
	var places []string
	for f := range columns.All() {
		values = append(values, column(c, f))
		places = append(places, s.Placeholder(len(values)))
	}
	_, err := s.DB.ExecContext(ctx, "INSERT INTO contacts ("+columns.String()+") VALUES ("+strings.Join(places, ", ")+")", values...)
	return err
}

// Load reads the row of a contact.
func (s *Columns) Load(ctx context.Context, id contact.ID) ([]byte, error) {
	var c contact.Contact
	var into []any
	for f := range columns.All() {
		if list(f) {
			into = append(into, &jsonColumn{c.Ptr(f)})
		} else {
			into = append(into, c.Ptr(f))
		}
	}
	row := s.DB.QueryRowContext(ctx, "SELECT "+columns.String()+" FROM contacts WHERE id = "+s.Placeholder(1), id.String())
	if err := row.Scan(into...); errors.Is(err, sql.ErrNoRows) {
		return nil, contacthttp.ErrNotFound
	} else if err != nil {
		return nil, err
	}
	return c.AppendJSON(nil), nil
}

// Save writes what an update changed and nothing else, if the row still has the version that was loaded.
func (s *Columns) Save(ctx context.Context, change contacthttp.Revision) error {
	c, err := contact.Options{MaxDepth: -1}.ParseStored(change.Document) // what Options let in may be written
	if err != nil || change.Changed == 0 {
		return err
	}
	if err := s.refused(c, change.Changed); err != nil {
		return err
	}
	var set []string
	var values []any
	add := func(value any) string {
		values = append(values, value)
		return s.Placeholder(len(values))
	}
	for f := range change.Changed.All() { // names of the library's table of fields, never a client's
		set = append(set, f.String()+" = "+add(column(c, f)))
	}
	result, err := s.DB.ExecContext(ctx, "UPDATE contacts SET "+strings.Join(set, ", ")+
		" WHERE id = "+add(c.ID.String())+" AND updated_at = "+add(change.Seen.UTC()), values...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return contacthttp.ErrConflict
}

// refused is an error of the client's for what does not fit: a departure from the contract, which has no
// such limits.
func (s *Columns) refused(c *contact.Contact, changed contact.FieldSet) error {
	var errs contact.Errors
	for f := range changed.All() {
		value, ok := c.Get(f)
		if !ok || s.Unstorable == nil {
			continue
		}
		if why := s.Unstorable(value); why != "" {
			e := contact.NewServiceError(http.StatusUnprocessableEntity, "not_storable", "Cannot be stored", why)
			e.Pointer = "/" + f.String()
			errs = append(errs, e)
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

// notInPostgres is Unstorable for PostgreSQL: its texts have no U+0000, and its calendar no year 0.
func notInPostgres(value any) string {
	year := 1
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "\x00") {
			return "Leave out the character U+0000."
		}
	case contact.Date:
		year = v.Year
	case time.Time:
		year = v.UTC().Year()
	}
	if year == 0 {
		return "Send a year from 0001 on."
	}
	return ""
}

// column is the value of a field as a column takes it: NULL for what a contact has not got.
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
		return value // strings, booleans, and what has a Value of its own: Date and Object
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

// Scan implements sql.Scanner.
func (j *jsonColumn) Scan(column any) error {
	switch v := column.(type) {
	case string:
		return json.Unmarshal([]byte(v), j.list)
	case []byte:
		return json.Unmarshal(v, j.list)
	}
	return errors.New("the column holds no JSON")
}
