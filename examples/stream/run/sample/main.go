// Command sample makes a SQLite database with the sample contact: go run ./run/sample contacts.db.
package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"log"
	"os"

	_ "modernc.org/sqlite"

	"github.com/partner-contacts/contact/contacttest"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: sample FILE")
	}
	if err := create(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func create(file string) error {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE contacts (id TEXT PRIMARY KEY, updated_at TEXT NOT NULL, document TEXT NOT NULL)`); err != nil {
		return err
	}
	var document bytes.Buffer
	if err := json.Compact(&document, contacttest.Sample()); err != nil {
		return err
	}
	_, err = db.Exec(`INSERT INTO contacts SELECT json_extract(d, '$.id'), json_extract(d, '$.updated_at'), d FROM (SELECT ? AS d)`, document.String())
	return err
}
