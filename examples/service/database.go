package main

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // database/sql driver "sqlite"
)

// One schema for both databases, as versioned migrations.
//
//go:embed migrations/*.sql
var migrations embed.FS

// postgresLimits are settings that a connection has unless its URL has others: how long a
// statement waits for a row that another one holds, how long it may take in all, and how long a
// transaction may stand open whose service has stopped.
var postgresLimits = map[string]string{
	"lock_timeout":                        "1s",
	"statement_timeout":                   "4s",
	"idle_in_transaction_session_timeout": "10s",
}

// Open opens the PostgreSQL database at databaseURL, or else the SQLite database in file, "" being
// one in memory that ends with the process.
func Open(file, databaseURL string) (*sqlStore, error) {
	if databaseURL != "" {
		config, err := pgx.ParseConfig(databaseURL)
		if err != nil {
			return nil, errors.New("the database's URL cannot be read") // pgx would quote it
		}
		for name, value := range postgresLimits {
			config.RuntimeParams[name] = cmp.Or(config.RuntimeParams[name], value)
		}
		return newStore(stdlib.OpenDB(*config), goose.DialectPostgres, 16), nil
	}
	name := ":memory:"
	if file != "" {
		// Contacts are personal data: nobody else reads the file.
		f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
		path := (&url.URL{Path: file}).EscapedPath()
		name = (&url.URL{Scheme: "file", Opaque: path}).String()
	}
	// synchronous(FULL) syncs the log on every commit: an acknowledged update also survives the
	// machine's power failing. SQLite has one writer at a time, so one connection loses nothing
	// and never waits for a file lock that its own process holds.
	db, err := sql.Open("sqlite", name+
		"?_pragma=busy_timeout(2000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	return newStore(db, goose.DialectSQLite3, 1), nil
}

// migrator runs the migrations. On PostgreSQL an advisory lock lets one process at a time do it.
func (s *sqlStore) migrator() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	var options []goose.ProviderOption
	if s.dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(s.dialect, s.db, files, options...)
}

// Migrate brings the tables up to this version of the service.
func (s *sqlStore) Migrate(ctx context.Context) error {
	m, err := s.migrator()
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}

// CheckSchema tells whether the tables are those that this version of the service needs, or newer
// ones: then a service of the next version is being rolled out beside it. It only reads.
func (s *sqlStore) CheckSchema(ctx context.Context) error {
	m, err := s.migrator()
	if err != nil {
		return err
	}
	sources := m.ListSources()
	var have sql.NullInt64
	read := `SELECT max(version_id) FROM ` + goose.DefaultTablename
	if err := s.db.QueryRowContext(ctx, read).Scan(&have); err != nil {
		return errors.New("the version of the tables cannot be read; if there are none, run with -migrate once: " +
			printable(err))
	}
	if want := sources[len(sources)-1].Version; have.Int64 < want {
		return fmt.Errorf("the database's tables are of version %d, and %d is needed: "+
			"run with -migrate once", have.Int64, want)
	}
	return nil
}
