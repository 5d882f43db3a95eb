package handlers

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// TestSaveColumns: an update writes its columns and leaves the others, whatever they hold.
func TestSaveColumns(t *testing.T) {
	question := func(int) string { return "?" }
	dollar := func(n int) string { return "$" + strconv.Itoa(n) }
	t.Run("SQLite", func(t *testing.T) {
		testColumns(t, "sqlite", ":memory:", question, func(contact.Kind) string { return "" })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		testColumns(t, "pgx", postgres(t), dollar, func(k contact.Kind) string {
			switch k {
			case contact.KindID:
				return "uuid"
			case contact.KindDate:
				return "date"
			case contact.KindTimestamp:
				return "timestamptz"
			case contact.KindBoolean:
				return "boolean"
			case contact.KindObject, contact.KindIDs, contact.KindStrings:
				return "jsonb"
			}
			return "text"
		})
	})
}

func testColumns(t *testing.T, driver, address string, place func(int) string, typeOf func(contact.Kind) string) {
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	columns, places, values := []string{}, []string{}, []any{}
	stored, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	for f := range contact.AllFields.All() {
		value, err := column(stored, f)
		if err != nil {
			t.Fatal(err)
		}
		columns, values = append(columns, f.String()+" "+typeOf(f.Kind())), append(values, value)
		places = append(places, place(len(values)))
	}
	for _, statement := range []string{
		"CREATE TABLE contacts (" + strings.Join(columns, ", ") + ")",
		"INSERT INTO contacts VALUES (" + strings.Join(places, ", ") + ")",
	} {
		args := values
		if statement[0] == 'C' {
			args = nil
		}
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE contacts SET county = 'as it was'"); err != nil {
		t.Fatal(err)
	}

	patch, err := contact.ParsePatch([]byte(`{"city":"Oak Park","birthdate":null,"meta_public":{"source":null,"score":null,"prefs":null,"ledger":9007199254740993}}`))
	if err != nil {
		t.Fatal(err)
	}
	merged, changed, err := contact.Merge(stored, patch, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := SaveColumns(t.Context(), db, place, stored.UpdatedAt, merged, changed); err != nil {
		t.Fatal(err)
	}
	var read contact.Contact
	var meta string
	row := db.QueryRowContext(t.Context(), "SELECT id, city, county, birthdate, email_verified, meta_public FROM contacts")
	if err := row.Scan(read.Ptr(contact.FieldID), read.Ptr(contact.FieldCity), read.Ptr(contact.FieldCounty), read.Ptr(contact.FieldBirthdate),
		read.Ptr(contact.FieldEmailVerified), &meta); err != nil {
		t.Fatal(err)
	}
	if read.ID != stored.ID || *read.City != "Oak Park" || *read.County != "as it was" || read.Birthdate != nil || !read.EmailVerified ||
		strings.ReplaceAll(meta, ": ", ":") != string(merged.MetaPublic) { // jsonb sets its own spaces
		t.Errorf("%s %s", read.AppendJSON(nil), meta)
	}
	// Whoever saw the old version comes too late.
	err = SaveColumns(t.Context(), db, place, stored.UpdatedAt, merged, changed)
	if !errors.Is(err, contacthttp.ErrConflict) {
		t.Errorf("%v", err)
	}
}
