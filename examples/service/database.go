package main

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"modernc.org/sqlite"
)

// One schema for both databases, as versioned migrations.
//
//go:embed migrations/*.sql
var migrations embed.FS

// limits bound what a request may take of PostgreSQL: how long a statement waits for a row that another
// one holds, how long it may take in all, and how long a transaction may stay open whose service has
// stopped. They are set after connecting, since pgbouncer refuses them as startup parameters. No
// statement is better planned for its values.
const limits = `SET plan_cache_mode = 'force_generic_plan'; SET lock_timeout = '1s'; SET statement_timeout = '4s'; SET idle_in_transaction_session_timeout = '10s'`

// Open opens the PostgreSQL database at databaseURL, or else the SQLite database in file. Without
// either it is one in memory, which ends with the process. Commands that take long have no limits.
func Open(file, databaseURL string, limited bool) (*sqlStore, error) {
	if databaseURL != "" {
		config, err := pgx.ParseConfig(databaseURL)
		if err != nil {
			return nil, errors.New("the database's URL cannot be read") // pgx would quote it
		}
		var options []stdlib.OptionOpenDB
		if limited {
			options = append(options, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
				_, err := c.PgConn().Exec(ctx, limits).ReadAll()
				return err
			}))
		}
		db := stdlib.OpenDB(*config, options...)
		return newStore(db, db, goose.DialectPostgres, 16), nil
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
	// synchronous(FULL) syncs the log on every commit: an acknowledged update also survives a loss of
	// power. _txlock=immediate takes the write lock before reading, so no transaction has to be repeated.
	name += "?_pragma=busy_timeout(4000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	db, err := sql.Open("sqlite", name+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	reads := db
	if file != "" {
		if reads, err = sql.Open("sqlite", name+"&_pragma=query_only(1)"); err != nil {
			return nil, err
		}
		reads.SetMaxOpenConns(8)
		reads.SetMaxIdleConns(8)
	}
	return newStore(db, reads, goose.DialectSQLite3, 1), nil
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

// Migrate brings the tables up to this version of the service. On SQLite, for which goose has no lock,
// a process that meets another one tries again and finds the tables there.
func (s *sqlStore) Migrate(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		m, err := s.migrator()
		if err != nil {
			return err
		}
		_, err = m.Up(ctx)
		if lite := (*sqlite.Error)(nil); attempt == 50 || !errors.As(err, &lite) {
			return startError(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// CheckSchema returns an error unless the tables are of the version that this service needs, or of a
// newer one, as while a service of the next version is rolled out beside it. It only reads.
func (s *sqlStore) CheckSchema(ctx context.Context) error {
	m, err := s.migrator()
	if err != nil {
		return err
	}
	sources := m.ListSources()
	var have sql.NullInt64
	if err := s.db.QueryRowContext(ctx, `SELECT max(version_id) FROM `+goose.DefaultTablename).Scan(&have); err != nil {
		return startError(err)
	}
	if want := sources[len(sources)-1].Version; have.Int64 < want {
		return fmt.Errorf("the database's tables are of version %d, and %d is needed: run the command migrate", have.Int64, want)
	}
	return nil
}

// remedies are what to do about an error of PostgreSQL at the start, by SQLSTATE.
var remedies = map[string]string{
	"3D000": "the database does not exist: create it",
	"28P01": "the password or the user is wrong",
	"28000": "the server does not let this user in from here: see pg_hba.conf",
	"42501": "the user lacks a right: grant it SELECT, INSERT, UPDATE and DELETE on all tables, and for migrate CREATE on the schema",
	"42P01": "there are no tables: run the command migrate",
	"08P01": "the server or a pooler before it refuses the connection: see its log",
	"53300": "the server has no free connection",
}

// startError says what to do about an error at the start.
func startError(err error) error {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pg) && remedies[pg.Code] != "":
		return fmt.Errorf("%s (SQLSTATE %s)", remedies[pg.Code], pg.Code)
	case errors.As(err, &lite) && lite.Code() == 1: // SQLITE_ERROR: no such table
		return errors.New(remedies["42P01"])
	}
	return fmt.Errorf("the database cannot be used: %s", printable(err))
}

// printable is the text of an error without the values that PostgreSQL quotes in its messages, and
// without the address of the database, whose URL may hold a password.
func printable(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return "SQLSTATE " + pg.Code
	}
	return err.Error()
}
