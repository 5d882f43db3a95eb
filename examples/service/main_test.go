package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asService, when set in the environment, makes the test binary the service
// itself, so that tests can start it as a process of its own and kill it. Its
// value is the command line, a line for each argument.
const asService = "CONTACT_SERVICE_ARGS"

func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv(asService); ok {
		os.Args = append([]string{"service"}, strings.Split(args, "\n")...)
		main()
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

const sampleTeam = "0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"

// command runs one command of the service on the database and returns what it prints.
func command(t *testing.T, file, url string, args ...string) (string, error) {
	t.Helper()
	if file != "" {
		args = append([]string{"--db", file}, args...)
	}
	var out bytes.Buffer
	err := run(t.Context(), args, url, &out, io.Discard)
	return out.String(), err
}

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		file, dsn := s.file(t)
		bearer, err := command(t, file, dsn, "new-token", "partner:contacts:read", "partner:*:write", "--team", sampleTeam)
		require.NoError(t, err)
		bearer = strings.TrimSpace(bearer)
		short, err := command(t, file, dsn, "new-token", "partner:contacts:read", "--team", sampleTeam, "--expires", "1h")
		require.NoError(t, err)
		short = strings.TrimSpace(short)
		id, secret, _ := strings.Cut(bearer, ".")

		now := time.Now()
		var mu sync.Mutex
		url, _ := serve(t, s, func(s *Service, _ *http.Server) {
			s.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
		})
		status := func(token string) int {
			resp, _ := request(t, "GET", url+samplePath, token, "")
			return resp.StatusCode
		}
		// There is no sample data here: the token is known, the contact is not.
		require.Equal(t, 404, status(bearer))
		require.Equal(t, 404, status(short))

		list, err := command(t, file, dsn, "tokens")
		require.NoError(t, err)
		require.Regexp(t, id+`  `+sampleTeam+`  20\S+Z  never +partner:contacts:read partner:\*:write\n`, list)
		require.Equal(t, 3, strings.Count(list, "\n"))
		require.NotContains(t, list, secret)

		mu.Lock()
		now = now.Add(time.Hour)
		mu.Unlock()
		require.Equal(t, 401, status(short), "its time is over")
		require.Equal(t, 404, status(bearer))

		_, err = command(t, file, dsn, "revoke", "nobody")
		require.Error(t, err)
		_, err = command(t, file, dsn, "revoke", id)
		require.NoError(t, err)
		require.Equal(t, 401, status(bearer))
	})
}

func TestDatabaseFileIsPrivate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "contacts.db")
	_, err := command(t, file, "", "migrate")
	require.NoError(t, err)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode(), "contacts are for nobody else on the machine")
}

func TestImport(t *testing.T) {
	contacts, tokens := sampleData()
	lines := func(more ...string) string {
		name := filepath.Join(t.TempDir(), "contacts.ndjson")
		text := string(contacts[0].AppendJSON(nil)) + "\n\n" + string(contacts[1].AppendJSON(nil)) + "\r\n" + strings.Join(more, "\n")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		s.put(t, nil, tokens...)
		file, dsn := s.file(t)
		_, err := command(t, file, dsn, "import", lines(`{"id":"SECRET"}`))
		require.ErrorContains(t, err, "line 4: ")
		require.NotContains(t, err.Error(), "SECRET")
		_, err = command(t, file, dsn, "import", lines(strings.Repeat("x", maxDocument+1)))
		require.ErrorContains(t, err, "line 4: ")
		require.Equal(t, string(contacts[1].AppendJSON(nil)), string(stored(t, s, contacts[1]).AppendJSON(nil)), "the lines before it")

		// Again: what is there stays as it is by now, and a sample that is stored again undoes nothing.
		a, err := apply(t, s, change(contacts[0], "", `{"city":"Gary"}`))
		require.NoError(t, err)
		out, err := command(t, file, dsn, "import", lines())
		require.NoError(t, err)
		require.Equal(t, "2 contacts, 0 of them new\n", out)
		require.Equal(t, a.Version, stored(t, s, contacts[0]).UpdatedAt)
		p := startProcess(t, dsn, append(map[bool][]string{true: {"--db", file}}[file != ""], "--sample", "--addr", "127.0.0.1:0")...)
		p.kill()
		require.Equal(t, a.Version, stored(t, s, contacts[0]).UpdatedAt)
	})
}

func TestWrongCommandLine(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.db")
	for _, tt := range []struct {
		name, url string
		args      []string
	}{
		{"two databases", "postgres://127.0.0.1:1/x", []string{"--db", file}},
		{"no team", "", []string{"--db", file, "new-token", "partner:contacts:read"}},
		{"team that is none", "", []string{"--db", file, "new-token", "partner:contacts:read", "--team", "x"}},
		{"no scopes", "", []string{"--db", file, "new-token", " ", "--team", sampleTeam}},
		{"empty scopes", "", []string{"--db", file, "new-token", "", "--team", sampleTeam}},
		{"scope without effect", "", []string{"--db", file, "new-token", "partner:contacts:read", "contacts", "--team", sampleTeam}},
		{"expired", "", []string{"--db", file, "new-token", "*:*:*", "--team", sampleTeam, "--expires", "-1h"}},
		{"expires at once", "", []string{"--db", file, "new-token", "*:*:*", "--team", sampleTeam, "--expires", "0s"}},
		{"team without token", "", []string{"--team", sampleTeam}},
		{"token in memory", "", []string{"new-token", "*:*:*", "--team", sampleTeam}},
		{"migration in memory", "", []string{"migrate"}},
		{"import in memory", "", []string{"import", "x"}},
		{"import of nothing", "", []string{"--db", file, "import", ""}},
		{"revoke nothing", "", []string{"--db", file, "revoke", ""}},
		{"two commands", "", []string{"--db", file, "migrate", "tokens"}},
		{"command and sample", "", []string{"--db", file, "migrate", "--sample"}},
		{"command and address", "", []string{"--db", file, "tokens", "--addr", "127.0.0.1:0"}},
		{"argument", "", []string{"contacts.db"}},
		{"no file", "", []string{"--db", ""}},
		{"drain", "", []string{"--drain", "-1s"}},
		{"unknown option", "", []string{"--SECRET"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), tt.args, tt.url, &out, io.Discard)
			require.ErrorIs(t, err, errUsage)
			require.Empty(t, out.String())
		})
	}
	require.NoFileExists(t, file)

	for name, tt := range map[string]struct {
		url  string
		args []string
	}{
		"no such folder":  {"", []string{"--db", filepath.Join(dir, "none", "a.db")}},
		"no database":     {"postgres://postgres:SECRET@127.0.0.1:1/x?sslmode=disable", nil},
		"no URL":          {"postgres://postgres:SECRET@127.0.0.1:none/x", nil},
		"unknown address": {"", []string{"--addr", "127.0.0.1:none"}},
		"no second one":   {"", []string{"--addr", "127.0.0.1:0", "--metrics", "127.0.0.1:none"}},
		"no tables":       {"", []string{"--db", file}},
	} {
		t.Run(name, func(t *testing.T) {
			var out, log bytes.Buffer
			err := run(t.Context(), tt.args, tt.url, &out, &log)
			require.Error(t, err)
			require.NotErrorIs(t, err, errUsage)
			require.Empty(t, out.String())
			require.NotContains(t, err.Error(), "SECRET", "the database's password")
		})
	}
}

func TestSignalEndsInOrder(t *testing.T) {
	p := startProcess(t, "", "--addr", "127.0.0.1:0", "--drain", "0s")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.cmd.Wait())
}

// The second signal does not wait for the requests that the first one lets finish.
func TestSecondSignalStopsAtOnce(t *testing.T) {
	p := startProcess(t, "", "--addr", "127.0.0.1:0", "--drain", "0s")
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, patchHead+"Content-Length: 1000\r\n\r\n{")
	require.NoError(t, err)
	require.Eventually(t, func() bool { // until the request is under way
		resp, err := http.Get(p.url + "/healthz")
		return err == nil && resp.Body.Close() == nil
	}, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.Eventually(t, func() bool { // until no more are taken
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	state, err := p.cmd.Process.Wait()
	require.NoError(t, err)
	require.Equal(t, syscall.SIGINT, state.Sys().(syscall.WaitStatus).Signal())
}
