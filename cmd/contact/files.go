package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// An input is a file, or standard input, as it reads without its compression.
type input struct {
	io.Reader
	close func() error
	size  int64 // of the file, compressed as it may be; -1 where that cannot be known
	done  atomic.Int64
	again bool // it can be opened and read once more
}

func (in *input) Close() error { return in.close() }

// counted counts what is read of a file as it lies on the disk.
type counted struct {
	io.Reader
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// read returns a file's bytes, or those of standard input for "-": one more than the limit at
// most, which is enough for the library to refuse them.
func (e *env) read(name string, limit int) ([]byte, error) {
	in, err := e.open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, int64(limit)+1))
}

// open opens a file, or standard input for "-". What its first bytes say is gzip or zstd is
// decompressed.
func (e *env) open(name string) (*input, error) {
	in := &input{size: -1, close: func() error { return nil }}
	source := e.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		source, in.close = file, file.Close
	}
	if file, ok := source.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			in.size, in.again = info.Size(), name != "-"
		}
	}
	raw := bufio.NewReaderSize(counted{source, &in.done}, 64<<10)
	// An error comes again when it is read. Text is not waited for beyond its first byte.
	head, _ := raw.Peek(1)
	if len(head) > 0 && strings.IndexByte("\x1f\x28\xff\xfe", head[0]) >= 0 {
		head, _ = raw.Peek(4)
	}
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		in.close()
		return nil, fmt.Errorf("%s is UTF-16: convert it to UTF-8", name)
	}
	in.Reader = raw
	closeSource := in.close
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}): // RFC 1952, section 2.3.1
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			closeSource()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		in.Reader = unzipped
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}): // RFC 8878, section 3.1.1
		filter, err := startFilter(exec.Command("zstd", "-dcq"), raw, nil)
		if err != nil {
			closeSource()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		in.Reader = filter
		in.close = func() error { return errors.Join(filter.stop(), closeSource()) }
	}
	return in, nil
}

// A filter is the zstd program at work. The standard library has no zstd, and GNU tar does it in
// the same way.
type filter struct {
	io.Reader // what it writes
	command   *exec.Cmd
	said      bytes.Buffer // on standard error
	end       error        // which comes again and again: the pipe behind it is closed
}

// startFilter starts the program between a reader and, unless that is nil, a writer.
func startFilter(command *exec.Cmd, from io.Reader, to io.Writer) (*filter, error) {
	f := &filter{command: command}
	command.Stdin, command.Stdout, command.Stderr = from, to, &f.said
	if to == nil {
		out, err := command.StdoutPipe()
		if err != nil {
			return nil, err
		}
		f.Reader = out
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("the program zstd is needed for this: %w", err)
	}
	return f, nil
}

// Read reads what the program writes; at the end it fails if the program did.
func (f *filter) Read(p []byte) (int, error) {
	if f.end != nil {
		return 0, f.end
	}
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		if failed := f.wait(); failed != nil {
			err = failed
		}
	}
	f.end = err
	return n, err
}

func (f *filter) wait() error {
	if err := f.command.Wait(); err != nil {
		return fmt.Errorf("zstd: %w: %s", err, bytes.TrimSpace(f.said.Bytes()))
	}
	return nil
}

// stop ends the program, if it is still there.
func (f *filter) stop() error {
	if f.command.ProcessState == nil {
		f.command.Process.Kill()
		f.command.Wait()
	}
	return nil
}

// An output is a file in the making. It gets its name when it is whole, so that no reader ever
// sees half of it; until then it is named NAME.PID.part. What is there and no file, a device or a
// pipe, is written to as it is.
type output struct {
	*bufio.Writer
	finish []func() error // in the order in which they are called
	part   string
	name   string
}

// create makes a file, compressed if its name ends in .gz or .zst. For "" it is std.
func create(name string, std io.Writer) (*output, error) {
	if name == "" {
		out := &output{Writer: bufio.NewWriterSize(std, 256<<10)}
		out.finish = append(out.finish, out.Flush)
		return out, nil
	}
	if file := openFile(name); file != nil {
		out := &output{Writer: bufio.NewWriterSize(file, 256<<10)}
		out.finish = append(out.finish, out.Flush, file.Close)
		return out, nil
	}
	extension := filepath.Ext(name)
	name = resolved(name)
	out, mode, write := &output{name: name, part: partName(name)}, os.FileMode(0o666), os.O_CREATE|os.O_TRUNC|os.O_WRONLY
	there, err := os.Stat(name)
	switch {
	case err == nil && there.IsDir():
		return nil, &os.PathError{Op: "write", Path: name, Err: syscall.EISDIR}
	case err == nil && !there.Mode().IsRegular():
		out.name, out.part, write = "", "", os.O_WRONLY
	case err == nil:
		mode = there.Mode().Perm()
	}
	if out.part != "" {
		sweep(filepath.Dir(name), func(left string) bool { return left == filepath.Base(name) })
		name = out.part
	}
	file, err := os.OpenFile(name, write, mode)
	if err != nil {
		return nil, err
	}
	if out.part != "" && there != nil { // nobody else may read it than before, whatever the umask
		if err := file.Chmod(mode); err != nil {
			return nil, errors.Join(err, file.Close(), os.Remove(out.part))
		}
	}
	var to io.Writer = file
	switch extension {
	case ".gz":
		zipper := gzip.NewWriter(file)
		to = zipper
		out.finish = append(out.finish, zipper.Close)
	case ".zst":
		from, pipe := io.Pipe()
		zipper, err := startFilter(exec.Command("zstd", "-cq"), from, file)
		if err != nil {
			file.Close()
			out.discard()
			return nil, err
		}
		to = pipe
		out.finish = append(out.finish, pipe.Close, zipper.wait)
	}
	out.Writer = bufio.NewWriterSize(to, 256<<10)
	out.finish = append(append([]func() error{out.Flush}, out.finish...), file.Close)
	return out, nil
}

// commit finishes the file and gives it its name.
func (o *output) commit() error {
	for _, f := range o.finish {
		if err := f(); err != nil {
			o.discard()
			return err
		}
	}
	if o.part == "" {
		return nil
	}
	return os.Rename(o.part, o.name)
}

// discard removes what has been written.
func (o *output) discard() {
	if o.part != "" {
		os.Remove(o.part)
	}
}

// onSignal calls f when the user or the system ends the program, before it ends. The function that
// it returns undoes that.
func onSignal(f func()) (undo func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			naming.Lock() // for good: the program ends
			f()
			code := 1
			if number, ok := s.(syscall.Signal); ok {
				code = 128 + int(number)
			}
			os.Exit(code)
		case <-done:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// sameFile says that two outputs are one file, or "".
func sameFile(output, rejects string) string {
	if output != "" && resolved(output) == resolved(rejects) {
		return "--output and --rejects name the same file"
	}
	return ""
}

// resolved returns a file's path without links, as far as it is there.
func resolved(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// openFile returns the file that this process has open and a path leads to, as /dev/stdout does; nil if it
// leads to none. To open the path again would write from the start of what stands there.
func openFile(path string) *os.File {
	if link, err := os.Readlink(path); err == nil && strings.HasPrefix(link, "/proc/self/fd/") {
		path = link
	}
	dir, _ := filepath.EvalSymlinks(filepath.Dir(path))
	own, _ := filepath.EvalSymlinks("/proc/self/fd")
	number, err := strconv.Atoi(filepath.Base(path))
	if err != nil || own == "" || dir != own {
		return nil
	}
	if number, err = syscall.Dup(number); err != nil {
		return nil
	}
	return os.NewFile(uintptr(number), path)
}

const partSuffix = ".part"

// partName is what a file of this process is called while it is not whole.
func partName(name string) string { return fmt.Sprintf("%s.%d%s", name, os.Getpid(), partSuffix) }

// sweep removes from a folder what processes that were killed have left: files that end as partName
// does, with the number of a process that is not there any more, and whose names without that are ours.
func sweep(dir string, ours func(name string) bool) {
	files, _ := os.ReadDir(dir) // what cannot be read has nothing to remove
	for _, file := range files {
		name, isPart := strings.CutSuffix(file.Name(), partSuffix)
		number := filepath.Ext(name)
		pid, err := strconv.Atoi(strings.TrimPrefix(number, "."))
		if !isPart || err != nil || pid <= 0 || !ours(strings.TrimSuffix(name, number)) {
			continue
		}
		process, err := os.FindProcess(pid)
		if err != nil || errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			os.Remove(filepath.Join(dir, file.Name()))
		}
	}
}
