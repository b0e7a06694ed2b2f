/* image-fixture - a folder for images, a model of what is on the disk, and qemu-img to ask. */
#pragma once

#include "host/images/disk-file.h"

#define DISK_SIZE (8u << 20)

typedef struct
{
  char   *dir;
  char   *path;        /* "disk" in it */
  guint8 *model;
  guint64 size;
} Fixture;

void            set_up              (Fixture *f, gconstpointer data);
void            tear_down           (Fixture *f, gconstpointer data);
/* FALSE: the test is skipped. */
gboolean        has_qemu            (void);
/* The exit status; @output gets what it said. */
int             run                 (char **output, const char *first, ...) G_GNUC_NULL_TERMINATED;
AsternDiskFile *open_image          (Fixture *f, const char *format, AsternDiskFileFlags flags);
void            close_image         (AsternDiskFile *file);
void            create_image        (Fixture *f, const char *format, const AsternDiskFileOptions *options);
/* Random requests to the disk and the model; what is read is compared. */
void            change              (Fixture *f, AsternDiskFile *file, guint rounds);
void            assert_content      (Fixture *f, AsternDiskFile *file);
/* What qemu-img finds in the image is the model, and nothing wrong. */
void            assert_qemu_agrees  (Fixture *f, const char *format);
/* Our own check finds nothing. */
void            assert_sound        (Fixture *f);
