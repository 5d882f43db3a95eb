package main

import (
	"bufio"
	"cmp"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// An input is a file, or standard input, as it reads without its compression.
type input struct {
	io.Reader
	name  string
	file  *os.File    // nil if it is not a file of the system
	was   fs.FileInfo // nil if it is not a regular file
	size  int64       // of the file, compressed as it may be; -1 where that is not known
	done  atomic.Int64
	close func()
}

// Close closes the file, but not standard input.
func (in *input) Close() {
	if in.close != nil {
		in.close()
	}
	if in.file != nil && in.name != "-" {
		in.file.Close()
	}
}

// again reports whether the input can be read once more.
func (in *input) again() bool { return in.was != nil && in.name != "-" }

// rewind returns the same input from its start.
func (in *input) rewind() (*input, error) {
	if in.close != nil {
		in.close()
	}
	if _, err := in.file.Seek(0, io.SeekStart); err != nil {
		return nil, fileError(in.name, err)
	}
	again := &input{name: in.name, file: in.file, was: in.was, size: in.size}
	return again, again.unpack(in.file)
}

// unchanged returns an error if the file is not as it was when it was opened.
func (in *input) unchanged() error {
	if in.was == nil {
		return nil
	}
	now, err := in.file.Stat()
	if err == nil && (now.Size() != in.was.Size() || !now.ModTime().Equal(in.was.ModTime())) {
		err = errors.New("it changed while it was read; run the command again")
	}
	return fileError(in.name, err)
}

// A raw reader counts the bytes read from the disk.
type raw struct {
	from io.Reader
	n    *atomic.Int64
}

func (r raw) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.n.Add(int64(n))
	return n, err
}

// A named reader says of every error in which file it is.
type named struct {
	io.Reader
	in     *input
	packed string // the name of the compression, or ""
}

func (r named) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		if r.packed != "" && !errors.As(err, new(inFile)) {
			err = fmt.Errorf("broken %s before byte %d: %w", r.packed, r.in.done.Load(), err)
		}
		err = fileError(r.in.name, err)
	}
	return n, err
}

// A writerTo says of every error in which file it is; "" is the name that the file was opened by.
type writerTo struct {
	io.Writer
	name string
}

func (w writerTo) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	return n, fileError(w.name, err)
}

// An inFile is an error with the name of the file that it is about.
type inFile struct {
	name string
	error
}

func (e inFile) Error() string { return cmp.Or(e.name, `""`) + ": " + e.error.Error() }
func (e inFile) Unwrap() error { return e.error }

// fileError says which file an error is about, once.
func fileError(name string, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case err == nil || errors.As(err, new(inFile)):
		return err
	case errors.As(err, &path):
		name, err = cmp.Or(name, path.Path), path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return inFile{name, err}
}

// signatures are the first bytes of files that are no text in UTF-8. One without open is refused
// with the hint.
var signatures = []struct {
	magic, name, hint string
	open              func(io.Reader) (io.Reader, func(), error)
}{
	{"\x1f\x8b", "gzip", "", func(r io.Reader) (io.Reader, func(), error) { // RFC 1952 §2.3.1
		unzipped, err := gzip.NewReader(r)
		return unzipped, nil, err
	}},
	{"\x28\xb5\x2f\xfd", "zstd", "", func(r io.Reader) (io.Reader, func(), error) { // RFC 8878 §3.1.1
		// The window of zstd's own command line is bounded in the same way.
		unpacked, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, nil, err
		}
		return unpacked, unpacked.Close, nil
	}},
	{"BZh91AY&SY", "bzip2", "", func(r io.Reader) (io.Reader, func(), error) { return bzip2.NewReader(r), nil, nil }},
	{"\xfd7zXZ\x00", "xz", "decompress it first, as xz -dc does", nil},
	{"\x04\x22\x4d\x18", "lz4", "decompress it first, as lz4 -dc does", nil},
	{"\x1f\x9d", "compressed by compress", "decompress it first, as gzip -dc does", nil},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first", nil},
	{"PAR1", "a Parquet file", "export its rows as JSON lines or CSV first", nil},
	{"%PDF-", "a PDF", "export the data as JSON lines or CSV", nil},
	{"<", "HTML or XML, as some .xls files are", "save the sheet as CSV in UTF-8", nil},
	{"PK\x03\x04", "a zip archive, as an .xlsx workbook is one", "save the sheet as CSV in UTF-8", nil},
	{"\xd0\xcf\x11\xe0", "an .xls workbook", "save the sheet as CSV in UTF-8", nil},
	{"\xff\xfe\x00\x00", "UTF-32", utf8Hint, nil}, {"\x00\x00\xfe\xff", "UTF-32", utf8Hint, nil},
	{"\xff\xfe", "UTF-16", utf8Hint, nil}, {"\xfe\xff", "UTF-16", utf8Hint, nil},
}

const utf8Hint = "convert it to UTF-8; contact import reads it with --encoding utf-16 or utf-32"

// peekSignature returns the place of a stream's signature, or -1. It does not wait for more of a
// text than the bytes that are like a signature.
func peekSignature(r *bufio.Reader) int {
	found := -1
	for i, s := range signatures {
		for n := range len(s.magic) {
			head, _ := r.Peek(n + 1) // an error comes again when it is read
			if !strings.HasPrefix(s.magic, string(head)) || len(head) <= n {
				break
			}
			if n == len(s.magic)-1 && found < 0 {
				found = i
			}
		}
	}
	return found
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

// open opens a file, or standard input for "-", and decompresses it.
func (e *env) open(name string) (*input, error) { return e.openAs(name, "") }

// openAs opens a file in an encoding; "" is UTF-8.
func (e *env) openAs(name, encoding string) (*input, error) {
	in := &input{name: name, size: -1}
	source := e.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fileError(name, err)
		}
		source = file
	}
	in.file, _ = source.(*os.File)
	if in.file != nil {
		if info, err := in.file.Stat(); err == nil && info.Mode().IsRegular() {
			in.was, in.size = info, info.Size()
		}
	}
	err := in.unpack(source)
	if err == nil {
		err = in.decode(encoding)
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

// unpack decompresses the stream, if its first bytes say that it is compressed.
func (in *input) unpack(source io.Reader) error {
	text := bufio.NewReaderSize(named{raw{source, &in.done}, in, ""}, 64<<10)
	in.Reader = text
	if i := peekSignature(text); i >= 0 && signatures[i].open != nil {
		unpacked, end, err := signatures[i].open(text)
		if err != nil {
			return fileError(in.name, fmt.Errorf("broken %s: %w", signatures[i].name, err))
		}
		in.Reader, in.close = named{unpacked, in, signatures[i].name}, end
	}
	return nil
}

// decode reads the text in an encoding, "" being UTF-8, in which no signature is a text.
func (in *input) decode(encoding string) error {
	text, ok := in.Reader.(*bufio.Reader)
	if !ok {
		text = bufio.NewReaderSize(in.Reader, 64<<10)
		in.Reader = text
	}
	if encoding != "" {
		decoder, err := decoderOf(encoding)
		if err == nil {
			in.Reader = transform.NewReader(text, decoder)
		}
		return err
	}
	if i := peekSignature(text); i >= 0 {
		return fmt.Errorf("%s is %s: %s", in.name, signatures[i].name, cmp.Or(signatures[i].hint, "it is compressed twice, decompress it first"))
	}
	return nil
}

// encodings are those that the shells complete. Every other label of the WHATWG's list is taken.
var encodings = []string{
	"utf-16\tUnicode text of Windows programs", "utf-32\tby its byte order mark",
	"windows-1252\tWestern Europe, Latin-1", "windows-1250\tCentral Europe", "windows-1251\tCyrillic",
	"macintosh\tolder Excel on a Mac", "shift_jis\tJapanese", "gb18030\tChinese", "big5\tChinese", "euc-kr\tKorean",
}

func decoderOf(label string) (transform.Transformer, error) {
	switch label {
	case "utf-16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder(), nil
	case "utf-32":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder(), nil
	}
	encoding, err := htmlindex.Get(label)
	if err != nil {
		return nil, misused("--encoding: there is no %s%s", label, didYouMean(label, choice{words: encodings}.names()))
	}
	return unicode.BOMOverride(encoding.NewDecoder()), nil
}

// An output is a file in the making. It gets its name when it is whole, so that no reader ever
// sees half of it; until then it is named NAME.PID.part. A device or a pipe that is there already is
// written to as it is.
type output struct {
	*bufio.Writer
	finish []func() error // in the order in which they are called
	part   string
	name   string
}

// create makes a file, compressed if its name ends in .gz or .zst. For "" it is std.
func (e *env) create(name string, std io.Writer) (*output, error) {
	if own := e.openFile(name); own != nil {
		std, name = own, ""
	}
	if name == "" {
		out := &output{Writer: bufio.NewWriterSize(writerTo{std, ""}, 256<<10)}
		out.finish = append(out.finish, out.Flush)
		return out, nil
	}
	extension, said := filepath.Ext(name), name
	name = resolved(name)
	out, mode, write := &output{name: name, part: partName(name)}, os.FileMode(0o666), os.O_CREATE|os.O_TRUNC|os.O_WRONLY
	there, err := os.Stat(name)
	switch {
	case err == nil && there.IsDir():
		return nil, fileError(said, syscall.EISDIR)
	case err == nil && !there.Mode().IsRegular():
		out.name, out.part, write = "", "", os.O_WRONLY
	case err == nil:
		mode = there.Mode().Perm()
	}
	if out.part != "" {
		sweep(filepath.Dir(name), func(left string) bool { return left == filepath.Base(name) })
		unfinished.add(out.part)
		name = out.part
	}
	file, err := os.OpenFile(name, write, mode)
	if err != nil {
		return nil, fileError(said, err)
	}
	if out.part != "" && there != nil { // nobody else may read it than before, whatever the umask
		if err := file.Chmod(mode); err != nil {
			file.Close()
			out.discard()
			return nil, fileError(said, err)
		}
	}
	var to io.Writer = writerTo{file, said}
	var zipper io.WriteCloser
	switch extension {
	case ".gz":
		zipper = gzip.NewWriter(to)
	case ".zst":
		zipper, _ = zstd.NewWriter(to) // it fails for wrong options only
	}
	if zipper != nil {
		to, out.finish = zipper, append(out.finish, zipper.Close)
	}
	out.Writer = bufio.NewWriterSize(to, 256<<10)
	out.finish = append(append([]func() error{out.Flush}, out.finish...), file.Close)
	return out, nil
}

// complete writes the rest of the file and closes it.
func (o *output) complete() error {
	for _, f := range o.finish {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// rename gives the file its name.
func (o *output) rename() error {
	if o.part == "" {
		return nil
	}
	unfinished.Lock()
	defer unfinished.Unlock()
	delete(unfinished.names, o.part)
	return fileError(o.name, os.Rename(o.part, o.name))
}

// discard removes the output.
func (o *output) discard() {
	if o.part != "" {
		unfinished.remove(o.part)
	}
}

// An outcome is where a command writes results and rejects.
type outcome struct {
	out, rejects *output
	inputs       []*input
}

// outputs opens the files of --output and --rejects, for an outcome of some inputs.
func (e *env) outputs(t *target, inputs ...*input) (o *outcome, err error) {
	o = &outcome{inputs: inputs}
	if o.out, err = e.create(t.output, e.stdout); err != nil {
		return nil, err
	}
	if o.rejects, err = e.create(t.rejects, e.records(e.stderr)); err != nil {
		o.out.discard()
		return nil, err
	}
	return o, nil
}

// commit gives the files their names, if no input has changed.
func (o *outcome) commit() error {
	for _, in := range o.inputs {
		if err := in.unchanged(); err != nil {
			return err
		}
	}
	files := []*output{o.out, o.rejects}
	for _, file := range files { // each is whole before one gets its name
		if err := file.complete(); err != nil {
			return err
		}
	}
	for _, file := range files {
		if err := file.rename(); err != nil {
			return err
		}
	}
	return nil
}

// discard removes the output, unless it was given its name.
func (o *outcome) discard() {
	o.out.discard()
	o.rejects.discard()
}

// unfinished are the files that have a name and must not keep it if the program ends. They are
// locked while one gets or loses its name, so that a signal does not end the program then.
var unfinished registry

type registry struct {
	sync.Mutex
	names map[string]bool
}

func (r *registry) add(name string) {
	r.Lock()
	defer r.Unlock()
	if r.names == nil {
		r.names = make(map[string]bool)
	}
	r.names[name] = true
}

// remove removes a file that is unfinished still.
func (r *registry) remove(name string) {
	r.Lock()
	defer r.Unlock()
	if r.names[name] {
		os.Remove(name)
		delete(r.names, name)
	}
}

// catchSignals has a signal remove the unfinished files before it ends the program. A signal that
// is ignored from the start, as nohup does it, stays ignored.
func catchSignals() {
	signals := make(chan os.Signal, 1)
	for _, s := range endings {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		s := <-signals
		unfinished.Lock() // for good: the program ends
		for name := range unfinished.names {
			os.Remove(name)
		}
		number, _ := s.(syscall.Signal)
		os.Exit(128 + int(number))
	}()
}

// A stream is the file, pipe or device of a name on the command line.
type stream struct {
	name, path string      // path is without links; "" for a standard stream
	info       fs.FileInfo // nil if there is nothing yet
}

func streamOf(name string, std any) (s stream) {
	s.name = name
	if name != "" && name != "-" {
		s.path = resolved(name)
		s.info, _ = os.Stat(name) // who opens it will tell
	} else if file, ok := std.(*os.File); ok {
		s.info, _ = file.Stat()
	}
	return s
}

// same reports whether two names lead to one file or pipe, and not to the null device.
func (s stream) same(t stream) bool {
	if s.info == nil || t.info == nil {
		return s.path != "" && s.path == t.path
	}
	null, err := os.Stat(os.DevNull)
	return os.SameFile(s.info, t.info) && (err != nil || !os.SameFile(s.info, null))
}

// holds reports whether the stream keeps its data, as a file does, or passes it to a reader.
func (s stream) holds() bool {
	return s.info == nil || s.info.Mode().IsRegular() || s.info.Mode()&fs.ModeNamedPipe != 0
}

// distinct returns an error if an output is an input, or if two inputs or two outputs are one
// stream. The output may be the file named inPlace, by the path that it has there: it is replaced
// when it is whole.
func (e *env) distinct(t *target, inPlace string, inputs ...string) error {
	var read []stream
	for _, name := range inputs {
		s := streamOf(name, e.stdin)
		for _, other := range read {
			standard := s.name == "-" || other.name == "-"
			if name == other.name && name == "-" || s.same(other) && (standard || !s.info.Mode().IsRegular()) {
				return misused("%s and %s are one stream, which can be read once only", other.name, name)
			}
		}
		read = append(read, s)
	}
	out, rejects := streamOf(t.output, e.stdout), streamOf(t.rejects, e.stderr)
	if t.output != "" && t.rejects != "" && out.same(rejects) && out.holds() {
		return misused("--output and --rejects name the same file")
	}
	for i, written := range []stream{out, rejects} {
		for _, s := range read {
			switch {
			case !written.same(s) || !written.holds():
			case i == 0 && s.name == inPlace && written.path != "" && written.path == s.path && s.info.Mode().IsRegular():
			default:
				return misused("%s is the input %s, which it would replace", cmp.Or(written.name, [...]string{"standard output", "standard error"}[i]), s.name)
			}
		}
	}
	return nil
}

// resolved returns a file's path without links, those that lead nowhere yet included.
func resolved(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	for range 40 { // as many as Linux follows
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return target
		}
		if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			path = filepath.Join(dir, filepath.Base(path))
		}
		link, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(path), link)
		}
		path = link
	}
	return path
}

// openFile returns the open file of this process that a path leads to, as /dev/stdout does; nil if
// it leads to none. To open the path again would write from the start of the file.
func (e *env) openFile(path string) io.Writer {
	if path == "" {
		return nil
	}
	if link, err := os.Readlink(path); err == nil && strings.HasPrefix(link, "/proc/self/fd/") {
		path = link
	}
	dir, _ := filepath.EvalSymlinks(filepath.Dir(path))
	own, _ := filepath.EvalSymlinks("/proc/self/fd")
	number, err := strconv.Atoi(filepath.Base(path))
	switch {
	case err != nil || own == "" || dir != own:
		return nil
	case number == 1:
		return e.stdout
	case number == 2:
		return e.stderr
	}
	if file := duplicate(number, path); file != nil {
		return file
	}
	return nil
}

const partSuffix = ".part"

// partName is the name of an unfinished file of this process.
func partName(name string) string { return fmt.Sprintf("%s.%d%s", name, os.Getpid(), partSuffix) }

// sweep removes from a folder the files that killed processes have left: those that end as partName
// does, with the number of a process that is not there any more, and whose names without that are ours.
func sweep(dir string, ours func(name string) bool) {
	files, _ := os.ReadDir(dir) // a folder that cannot be read has nothing to remove
	for _, file := range files {
		name, isPart := strings.CutSuffix(file.Name(), partSuffix)
		number := filepath.Ext(name)
		pid, err := strconv.Atoi(strings.TrimPrefix(number, "."))
		if isPart && err == nil && pid > 0 && ours(strings.TrimSuffix(name, number)) && !alive(pid) {
			os.Remove(filepath.Join(dir, file.Name()))
		}
	}
}
