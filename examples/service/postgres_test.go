package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// cluster is a PostgreSQL server of the tests' own, in a temporary folder and
// on loopback, with its defaults: above all with fsync on.
type cluster struct {
	dir       string
	bin       string
	port      int
	server    *exec.Cmd
	ended     chan error
	databases int
}

// shared is the one cluster that all tests use; TestMain stops it.
var shared struct {
	sync.Once
	*cluster
	err error
}

// postgres returns the running cluster. Without PostgreSQL the test fails: to
// skip it would pass half of what this module promises as tested.
func postgres(t *testing.T) *cluster {
	t.Helper()
	shared.Do(func() { shared.cluster, shared.err = newCluster() })
	require.NoError(t, shared.err)
	return shared.cluster
}

func newCluster() (*cluster, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return nil, err
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		return nil, errors.New("PostgreSQL is not installed; install it with: apt-get install -y postgresql")
	}
	c := &cluster{bin: filepath.Dir(found[len(found)-1])}
	if c.dir, err = os.MkdirTemp("", "contacts-postgres-"); err != nil {
		return nil, err
	}
	if cred := credential(); cred != nil {
		if err := os.Chown(c.dir, int(cred.Uid), int(cred.Gid)); err != nil {
			return nil, err
		}
	}
	init := c.command("initdb", "-D", filepath.Join(c.dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.port = l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return nil, err
	}
	return c, c.start()
}

// credential is the user that PostgreSQL runs as: it refuses to run as root.
func credential() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		panic(err) // the package makes its user
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	// A server whose tests were killed ends too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential(), Pdeathsig: syscall.SIGQUIT}
	return cmd
}

// start starts the server and returns when it takes connections.
func (c *cluster) start() error {
	c.server = c.command("postgres", "-D", filepath.Join(c.dir, "data"),
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(c.port), "-c", "unix_socket_directories="+c.dir)
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c.server.Stderr = log
	if err := c.server.Start(); err != nil {
		return err
	}
	c.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan error) { ended <- cmd.Wait() }(c.server, c.ended)
	for deadline := time.Now().Add(30 * time.Second); ; {
		err := c.exec("SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("PostgreSQL does not start: %w\n%s", err, text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// stop ends the server: with SIGINT in order, with SIGQUIT as in a crash.
func (c *cluster) stop(sig os.Signal) error {
	if err := c.server.Process.Signal(sig); err != nil {
		return err
	}
	select {
	case <-c.ended:
		return nil
	case <-time.After(30 * time.Second):
		return errors.New("PostgreSQL does not stop")
	}
}

func (c *cluster) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

func (c *cluster) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// database makes an empty database and returns its URL.
func (c *cluster) database(t *testing.T) string {
	t.Helper()
	c.databases++
	name := fmt.Sprintf("test%d", c.databases)
	require.NoError(t, c.exec("CREATE DATABASE "+name))
	return c.url(name)
}
