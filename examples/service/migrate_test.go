package main

import (
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMigrateTogether: services that start on one empty database do not trip over one another.
func TestMigrateTogether(t *testing.T) {
	for range 5 {
		dsn := postgres(t).database(t)
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = command(t, "", dsn, "migrate") })
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		s, err := Open("", dsn, true)
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
