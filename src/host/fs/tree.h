/* tree - the files below one directory of the host, and nothing outside of it.
 *
 * Paths are relative to the directory, without “.”, “..” and empty parts; "" is the directory itself.  No symbolic link
 * is ever followed: they are the guest's business.  So neither a guest nor who changes the directory while it runs can
 * lead an access out of it.
 *
 * Who owns what, and what mode files have, is as the security model says: the host's (“none”, “passthrough”), or in
 * extended attributes “user.virtfs.*” as QEMU has them (“mapped-xattr”); then devices and symbolic links are plain
 * files, too.
 *
 * Threads: one at a time.
 * Errors:  0, or the host's errno, which is positive. */
#pragma once

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <glib.h>

typedef enum { ASTERN_FS_NONE, ASTERN_FS_PASSTHROUGH, ASTERN_FS_MAPPED } AsternFsSecurity;

typedef struct
{
  int              root;        /* a directory's descriptor; -1: closed */
  AsternFsSecurity security;
  gboolean         walks;       /* the host has no openat2() */
} AsternTree;

/* For who creates: whose it is to be. */
typedef struct
{
  guint32 uid, gid;
  guint32 mode;
} AsternTreeOwner;

int  astern_tree_init     (AsternTree *tree, const char *path, AsternFsSecurity security);
void astern_tree_clear    (AsternTree *tree);

/* @path/@name, to be freed; “.” and “..” mean what they say, the top's “..” is the top. */
char *astern_tree_join    (const char *path, const char *name);

int  astern_tree_stat     (AsternTree *tree, const char *path, struct stat *st);
/* ... of what is open. */
int  astern_tree_stat_fd  (AsternTree *tree, int fd, struct stat *st);
/* Plain files and directories alone: others would block, or do things.  *@fd: to be closed. */
int  astern_tree_open     (AsternTree *tree, const char *path, int flags, int *fd);
int  astern_tree_create   (AsternTree *tree, const char *path, int flags, const AsternTreeOwner *owner, int *fd);
int  astern_tree_mkdir    (AsternTree *tree, const char *path, const AsternTreeOwner *owner);
int  astern_tree_mknod    (AsternTree *tree, const char *path, dev_t device, const AsternTreeOwner *owner);
int  astern_tree_symlink  (AsternTree *tree, const char *path, const char *target, const AsternTreeOwner *owner);
/* *@target: to be freed. */
int  astern_tree_readlink (AsternTree *tree, const char *path, char **target);
int  astern_tree_link     (AsternTree *tree, const char *old, const char *path);
int  astern_tree_rename   (AsternTree *tree, const char *old, const char *path);
/* @flags: AT_REMOVEDIR. */
int  astern_tree_unlink   (AsternTree *tree, const char *path, int flags);

int  astern_tree_chmod    (AsternTree *tree, const char *path, guint32 mode);
/* G_MAXUINT32: stays. */
int  astern_tree_chown    (AsternTree *tree, const char *path, guint32 uid, guint32 gid);
int  astern_tree_truncate (AsternTree *tree, const char *path, guint64 size);
int  astern_tree_utimes   (AsternTree *tree, const char *path, const struct timespec times[2]);
int  astern_tree_statfs   (AsternTree *tree, struct statvfs *st);

/* @name NULL: the list of names.  *@value: to be freed. */
int  astern_tree_get_xattr (AsternTree *tree, const char *path, const char *name, guint8 **value, gsize *size);
/* @value NULL: is removed. */
int  astern_tree_set_xattr (AsternTree *tree, const char *path, const char *name, const guint8 *value, gsize size, int flags);
