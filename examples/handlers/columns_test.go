package handlers

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// TestSaveColumns: an update writes its columns and leaves the others, whatever they hold.
func TestSaveColumns(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	columns, places, values := "", "", []any{}
	stored, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	for f := range contact.AllFields.All() {
		if columns != "" {
			columns, places = columns+", ", places+", "
		}
		columns, places = columns+f.String(), places+"?"
		value, err := column(stored, f)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	for _, statement := range []string{"CREATE TABLE contacts (" + columns + ")", "INSERT INTO contacts VALUES (" + places + ")"} {
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

	patch, err := contact.ParsePatch([]byte(`{"city":"Oak Park","birthdate":null,"meta_public":{"ledger":9007199254740993}}`))
	if err != nil {
		t.Fatal(err)
	}
	merged, changed, err := contact.Merge(stored, patch, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	place := func(int) string { return "?" }
	if err := SaveColumns(t.Context(), db, place, stored.UpdatedAt, merged, changed); err != nil {
		t.Fatal(err)
	}
	var read contact.Contact
	var meta string
	row := db.QueryRowContext(t.Context(), "SELECT city, county, birthdate, email_verified, meta_public FROM contacts")
	if err := row.Scan(read.Ptr(contact.FieldCity), read.Ptr(contact.FieldCounty), read.Ptr(contact.FieldBirthdate),
		read.Ptr(contact.FieldEmailVerified), &meta); err != nil {
		t.Fatal(err)
	}
	if *read.City != "Oak Park" || *read.County != "as it was" || read.Birthdate != nil || !read.EmailVerified ||
		meta != string(merged.MetaPublic) {
		t.Errorf("%s %s", read.AppendJSON(nil), meta)
	}
	// Whoever saw the old version comes too late.
	err = SaveColumns(t.Context(), db, place, stored.UpdatedAt, merged, changed)
	if !errors.Is(err, contacthttp.ErrConflict) {
		t.Errorf("%v", err)
	}
}
