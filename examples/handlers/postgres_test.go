package handlers

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// postgres starts a PostgreSQL server for the test, in a folder of its own, and returns its address.
// Without PostgreSQL the test fails: to skip it would hide that the columns were not tried on it.
func postgres(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if len(found) == 0 {
		t.Fatal("PostgreSQL is not installed; install it with: apt-get install -y postgresql")
	}
	dir, err := os.MkdirTemp("", "columns-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := &syscall.SysProcAttr{}
	if os.Getuid() == 0 { // as root it refuses to run
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	control := func(args ...string) error {
		c := exec.Command(found[len(found)-1], append([]string{"-s", "-D", dir + "/data"}, args...)...)
		c.Dir, c.SysProcAttr = dir, as
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("pg_ctl %s: %w\n%s", args[0], err, out)
		}
		return nil
	}
	if err := control("init", "-o", "-U postgres -A trust -E UTF8 --no-locale"); err != nil {
		t.Fatal(err)
	}
	options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories=%s", port, dir)
	if err := control("start", "-w", "-l", dir+"/log", "-o", options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := control("stop", "-m", "fast"); err != nil {
			t.Error(err)
		}
	})
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
}
