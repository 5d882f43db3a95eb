package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// asService, when set in the environment, makes the test binary the service
// itself, so that tests can start it as a process of its own and kill it. Its
// value is the command line, a line for each argument.
const asService = "CONTACT_SERVICE_ARGS"

func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv(asService); ok {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		if err := run(ctx, strings.Split(args, "\n"), os.Getenv("DATABASE_URL"), os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		stop()
		os.Exit(0)
	}
	code := m.Run()
	if c := shared.cluster; c != nil {
		if err := c.stop(syscall.SIGINT); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.RemoveAll(c.dir)
	}
	os.Exit(code)
}

func TestNewToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contacts.db")
	const team = "0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-db", file, "-new-token", "partner:contacts:read", "-team", team}, "", &out, io.Discard))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode(), "contacts are for nobody else on the machine")

	s := opened(t)(OpenSQLite(t.Context(), file))
	url, _ := serve(t, s)
	token := strings.TrimSpace(out.String())
	resp, body := request(t, "GET", url+samplePath, token, "")
	require.Equal(t, 404, resp.StatusCode, body) // no sample data here: the token was known, the contact is not
	resp, body = request(t, "PATCH", url+samplePath, token, "{}")
	require.Equal(t, 401, resp.StatusCode)
	code, _, _ := oneError(t, body)
	require.Equal(t, "scope_missing", code)
}

func TestWrongCommandLine(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		url  string
		args []string
	}{
		"two databases":   {"postgres://127.0.0.1:1/x", []string{"-db", filepath.Join(dir, "a.db")}},
		"no team":         {"", []string{"-new-token", "partner:contacts:read"}},
		"no such folder":  {"", []string{"-db", filepath.Join(dir, "none", "a.db")}},
		"no database":     {"postgres://postgres:SECRET@127.0.0.1:1/x?sslmode=disable", nil},
		"unknown option":  {"", []string{"-SECRET"}},
		"unknown address": {"", []string{"-addr", "127.0.0.1:none"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out, log bytes.Buffer
			err := run(t.Context(), tt.args, tt.url, &out, &log)
			require.Error(t, err)
			require.Empty(t, out.String())
			if tt.args == nil {
				require.NotContains(t, err.Error(), "SECRET", "the database's password")
			}
		})
	}
}

func TestSignalEndsInOrder(t *testing.T) {
	p := startProcess(t, "", "-addr", "127.0.0.1:0")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.cmd.Wait())
}
