// Command modzip makes the zip file that importers of a module download and unpacks it, so that what
// they get can be tested. It fails where the zip is larger than -max bytes.
//
//	git archive HEAD | tar -x -C SOURCES
//	go run ./tools/modzip [-max BYTES] SOURCES FOLDER
package main

import (
	"archive/zip"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("modzip: ")
	most := flag.Int64("max", 0, "the most `bytes` that the zip may have; 0 for any")
	flag.Parse()
	if flag.NArg() != 2 {
		log.Fatal("usage: modzip [-max BYTES] SOURCES FOLDER")
	}
	size, err := unpack(flag.Arg(0), flag.Arg(1))
	if err != nil {
		log.Fatal(err)
	}
	if *most > 0 && size > *most {
		log.Fatalf("the module's zip has %d bytes, more than %d", size, *most)
	}
}

// unpack makes the zip of the module in a folder, prints its files, largest files
// first, unpacks it to folder, which has to be empty, and returns the size of the zip.
func unpack(sources, folder string) (int64, error) {
	text, err := os.ReadFile(filepath.Join(sources, "go.mod"))
	if err != nil {
		return 0, err
	}
	version := module.Version{Path: modfile.ModulePath(text), Version: "v0.0.0"}
	file, err := os.CreateTemp("", "modzip-*.zip")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := modzip.CreateFromDir(file, version, sources); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	r, err := zip.NewReader(file, info.Size())
	if err != nil {
		return 0, err
	}
	slices.SortFunc(r.File, func(a, b *zip.File) int { return int(b.CompressedSize64) - int(a.CompressedSize64) })
	fmt.Printf("%d files, %d bytes; the largest:\n", len(r.File), info.Size())
	for _, f := range r.File[:min(8, len(r.File))] {
		fmt.Printf("%8d %s\n", f.CompressedSize64, f.Name)
	}
	return info.Size(), modzip.Unzip(folder, version, file.Name())
}
