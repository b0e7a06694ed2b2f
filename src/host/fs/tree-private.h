/* tree-private - what the files of the tree share.  For tree*.c alone. */
#pragma once

#include "host/fs/tree.h"

#define TREE_HANDLE 32

/* Descriptors, or -1 with errno. */
int tree_open_at      (AsternTree *tree, const char *path, int flags, mode_t mode);
int tree_open_parent  (AsternTree *tree, const char *path, const char **name);
int tree_open_handle  (AsternTree *tree, const char *path, char handle[TREE_HANDLE]);

/* The security model “mapped-xattr” (tree-xattr.c). */
void tree_map_stat     (AsternTree *tree, const char *path, int fd, struct stat *st);
int  tree_map_owner    (AsternTree *tree, const char *path, const AsternTreeOwner *owner);
int  tree_map_device   (AsternTree *tree, const char *path, dev_t device);
int  tree_map_chmod    (AsternTree *tree, const char *path, guint32 mode);
int  tree_map_chown    (AsternTree *tree, const char *path, guint32 uid, guint32 gid);
int  tree_map_symlink  (AsternTree *tree, const char *path, const char *target);
int  tree_map_readlink (AsternTree *tree, const char *path, char **target);
gboolean tree_map_hides (AsternTree *tree, const char *name);
