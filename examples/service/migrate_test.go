package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// TestMigrateTogether: six migrations of one empty database do not trip over one another.
func TestMigrateTogether(t *testing.T) {
	for _, onPostgres := range []bool{false, false, true, true} {
		file, dsn := filepath.Join(t.TempDir(), "contacts.db"), ""
		if onPostgres {
			file, dsn = "", postgres(t).database(t)
		}
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() { _, errs[i] = command(t, file, dsn, "migrate") })
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		s, err := Open(file, dsn, true)
		require.NoError(t, err)
		require.NoError(t, s.CheckSchema(t.Context()))
		require.NoError(t, s.Close())
	}
}

// TestStartOnlyChecks: without its tables the service does not start, makes none, and says what to do.
func TestStartOnlyChecks(t *testing.T) {
	check := func(file, dsn string) {
		s, err := Open(file, dsn, true)
		require.NoError(t, err)
		defer s.Close()
		for range 2 {
			require.ErrorContains(t, s.CheckSchema(t.Context()), "migrate")
		}
		m, err := s.migrator()
		require.NoError(t, err)
		_, err = m.UpTo(t.Context(), 1)
		require.NoError(t, err)
		require.ErrorContains(t, s.CheckSchema(t.Context()), "migrate", "an older version")
		require.NoError(t, s.Migrate(t.Context()))
		require.NoError(t, s.Migrate(t.Context()))
		require.NoError(t, s.CheckSchema(t.Context()))
		_, err = m.DownTo(t.Context(), 0)
		require.NoError(t, err)
		require.Error(t, s.CheckSchema(t.Context()))
	}
	check(filepath.Join(t.TempDir(), "contacts.db"), "")
	check("", postgres(t).database(t))
}

// TestRoleWithoutCreate: the service needs no more than to read and write its rows.
func TestRoleWithoutCreate(t *testing.T) {
	s := opened(t, "", postgres(t).database(t))
	sampleStore(t, s)
	_, dsn := s.file(t)
	role := "service_" + dsn[strings.LastIndex(dsn, "/test")+1:strings.Index(dsn, "?")]
	_, err := s.db.Exec(`CREATE ROLE ` + role + ` LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ` + role)
	require.NoError(t, err)
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.User = url.User(role)
	p := startProcess(t, u.String(), "--addr", "127.0.0.1:0")
	resp, body := request(t, "PATCH", p.url+samplePath, writeToken, `{"city":"Gary"}`, "Idempotency-Key", sampleKey)
	require.Equal(t, 200, resp.StatusCode, body)
}

// TestStartErrors: each fault of the database at the start has a sentence of its own, which says what to do.
func TestStartErrors(t *testing.T) {
	s := opened(t, "", postgres(t).database(t))
	_, dsn := s.file(t)
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	with := func(user *url.Userinfo, path string) string {
		v := *u
		v.User, v.Path = user, path
		return v.String()
	}
	role := "startless"
	_, err = s.db.Exec(`CREATE ROLE ` + role + ` LOGIN`)
	require.NoError(t, err)
	for state, dsn := range map[string]string{
		"3D000": with(u.User, "/no_such_database"),
		"42501": with(url.User(role), u.Path),
		"28000": with(url.User("no_such_role"), u.Path),
		"42P01": postgres(t).database(t),
	} {
		s, err := Open("", dsn, true)
		require.NoError(t, err)
		err = s.CheckSchema(t.Context())
		require.ErrorContains(t, err, remedies[state])
		require.NoError(t, s.Close())
	}
	seen := map[string]bool{}
	for _, state := range []string{"3D000", "42501", "28P01", "08P01", "28000", "42P01", "53300"} {
		text := startError(fmt.Errorf("connect: %w", &pgconn.PgError{Code: state, Message: "SECRET"})).Error()
		require.Contains(t, text, state)
		require.NotContains(t, text, "SECRET")
		require.Equal(t, state == "42P01", strings.Contains(text, "run the command migrate"), text)
		text = strings.Replace(text, state, "", 1)
		require.False(t, seen[text], text)
		seen[text] = true
	}
}
